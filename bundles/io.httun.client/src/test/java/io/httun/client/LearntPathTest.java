// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.protocol.FrameBody;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The limits that a client keeps to after a probe. */
class LearntPathTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final PathLimits NARROW = new PathLimits(6, 65_536, false);

    private final LearntPath path = new LearntPath(WayOut.DIRECT);

    @Test
    void withoutAProbeTheSettingsHold() {
        assertThat(path.connections(1)).isEqualTo(PipeSettings.DEFAULT.connections());
        assertThat(path.body()).isEqualTo(FrameBody.MAX_BATCH);
        assertThat(path.keepAlive()).isTrue();
        assertThat(path.idle(55 * SECOND)).isEqualTo(55 * SECOND);
        assertThat(path.text()).isEmpty();
    }

    @Test
    void keepsToTheResult() {
        path.learn(NARROW);
        assertThat(path.connections(1)).isEqualTo(6);
        assertThat(path.body()).isEqualTo(65_536);
        assertThat(path.keepAlive()).isFalse();
        assertThat(path.text()).isEqualTo("1 request per connection; 6 requests at a time; bodies up to 65536 bytes");
        path.forget();
        assertThat(path.text()).isEmpty();
        assertThat(path.keepAlive()).isTrue();
    }

    @Test
    void fewerRequestsThanBeforeAreNotBelieved() {
        path.learn(NARROW);
        path.learn(new PathLimits(3, 131_072, true));
        assertThat(path.text()).isEqualTo("6 requests at a time; bodies up to 131072 bytes");
        path.learn(PathLimits.NONE);
        assertThat(path.text()).isEmpty();
    }

    @Test
    void aProbeHasRoom() {
        path.probed(true);
        assertThat(path.connections(1)).isEqualTo(2);
        path.probed(false);
        assertThat(path.connections(1)).isEqualTo(PipeSettings.DEFAULT.connections());
    }

    @Test
    void pipesShareTheConnections() {
        path.learn(NARROW);
        assertThat(path.connections(2)).isEqualTo(3);
        assertThat(path.connections(4)).isEqualTo(2);
    }

    @Test
    void whatTheConfigurationSetsHolds() {
        ExplicitLimits all =
                ExplicitLimits.of(Map.of("http.keep.alive", true, "http.connections.max", 20, "http.batches", true));
        LearntPath fixed = new LearntPath(new WayOut("", false, true, true, new PipeSettings(true, 20, 600_000), all));
        fixed.learn(NARROW);
        assertThat(fixed.connections(1)).isEqualTo(20);
        assertThat(fixed.body()).isEqualTo(FrameBody.MAX_BATCH);
        assertThat(fixed.keepAlive()).isTrue();
        assertThat(fixed.text()).isEmpty();
    }

    @Test
    void twoCutsAfterTheSameSilenceAreARule() {
        path.cutAfter(10 * SECOND);
        path.cutAfter(25 * SECOND);
        assertThat(path.text()).isEmpty();
        path.cutAfter(25 * SECOND + SECOND / 2);
        assertThat(path.text()).isEqualTo("connections are closed after 25 s of silence");
        assertThat(path.idle(55 * SECOND)).isBetween(19 * SECOND, 20 * SECOND);
        assertThat(path.idle(10 * SECOND)).isEqualTo(10 * SECOND);
    }

    @Test
    void connectionsThatEndAfterAMomentSayNothing() {
        path.cutAfter(SECOND);
        path.cutAfter(SECOND);
        assertThat(path.text()).isEmpty();
    }
}

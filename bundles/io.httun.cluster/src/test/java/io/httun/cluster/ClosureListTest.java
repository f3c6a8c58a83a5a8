// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.cluster.ChannelClosure;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClosureListTest {
    private static final List<ChannelClosure> SOME = List.of(
            new ChannelClosure("home", 1, 0, ChannelClosure.State.OPEN),
            new ChannelClosure("a-b.c_D", ChannelClosure.MAX_VERSION, 255, ChannelClosure.State.DELETED));

    private static List<ChannelClosure> decode(byte[] bytes) throws NodeState.MalformedException {
        return ClosureList.decode(bytes, 0, bytes.length);
    }

    @Test
    void arrivesAsItWasSent() throws NodeState.MalformedException {
        List<ChannelClosure> most = IntStream.range(0, ClosureList.MAX)
                .mapToObj(i -> new ChannelClosure(
                        "x".repeat(64), ChannelClosure.MAX_VERSION, 255, ChannelClosure.State.DISABLED))
                .toList();
        for (List<ChannelClosure> each : List.of(List.<ChannelClosure>of(), SOME, most)) {
            byte[] bytes = ClosureList.encode(each);
            assertThat(ClosureList.is(bytes, 0, bytes.length)).isTrue();
            assertThat(decode(bytes)).isEqualTo(each);
        }
    }

    @Test
    void aMemberThatDoesNotKnowItRefusesItBySentence() {
        byte[] bytes = ClosureList.encode(SOME);
        assertThatThrownBy(() -> NodeState.decode(bytes, 0, bytes.length))
                .hasMessage("messages of version 2, expected 1; update httun at both servers");
        assertThat(ClosureList.is(new byte[] {1, 2}, 0, 2)).isFalse();
        assertThat(ClosureList.is(new byte[0], 0, 0)).isFalse();
    }

    @Test
    void namesAndVersionsThatNoServerHasAreRefused() {
        for (ChannelClosure wrong : List.of(
                new ChannelClosure("", 1, 1, ChannelClosure.State.OPEN),
                new ChannelClosure("../x", 1, 1, ChannelClosure.State.OPEN),
                new ChannelClosure("home", 0, 1, ChannelClosure.State.OPEN),
                new ChannelClosure("home", ChannelClosure.MAX_VERSION + 1, 1, ChannelClosure.State.OPEN))) {
            assertThatThrownBy(() -> decode(ClosureList.encode(List.of(wrong))))
                    .hasMessageStartingWith("a closed channel without a name or with version ");
        }
    }

    @Test
    void anyDamageIsRefusedOrHarmless() {
        Random random = new Random(1);
        byte[] whole = ClosureList.encode(SOME);
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = Arrays.copyOf(whole, 1 + random.nextInt(whole.length + 4));
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            try {
                assertThat(decode(damaged)).hasSizeLessThanOrEqualTo(ClosureList.MAX);
            } catch (NodeState.MalformedException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class ChannelDrainTest {
    private final ChannelDrain drain = new ChannelDrain();

    private EmbeddedChannel added() {
        EmbeddedChannel channel = new EmbeddedChannel();
        drain.add(channel);
        return channel;
    }

    @Test
    void closesWhatIsOpenAtTheEndAndWhatComesAfterIt() {
        EmbeddedChannel before = added();
        EmbeddedChannel loop = new EmbeddedChannel();
        drain.begin("Connector test", loop.eventLoop(), 30);
        EmbeddedChannel meanwhile = added();
        assertThat(before.isOpen()).isTrue();
        drain.end();
        EmbeddedChannel late = added();
        assertThat(before.isOpen() || meanwhile.isOpen() || late.isOpen()).isFalse();
        assertThat(drain.size()).isZero();
    }

    @Test
    void forgetsWhatHasClosed() {
        EmbeddedChannel channel = added();
        assertThat(drain.size()).isEqualTo(1);
        channel.close();
        assertThat(drain.size()).isZero();
    }

    @Test
    void endsAtOnceWithoutTime() {
        EmbeddedChannel channel = added();
        drain.begin("Connector test", channel.eventLoop(), 0);
        assertThat(channel.isOpen()).isFalse();
    }
}

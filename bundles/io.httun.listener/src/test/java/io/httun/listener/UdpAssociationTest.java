// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.relay.RelayConnection;
import io.httun.api.target.Target;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ownership of datagrams during admission, and the identity that admission sees. */
class UdpAssociationTest {
    private static final InetSocketAddress SENDER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 5000);
    private static final InetSocketAddress OWN = new InetSocketAddress(InetAddress.getLoopbackAddress(), 6000);

    private final EmbeddedChannel inner = new EmbeddedChannel();
    private final EmbeddedChannel outer = new EmbeddedChannel();
    private final List<Promise<Target>> asked = new ArrayList<>();
    private List<String> filters = List.of("first");

    private final RelayConnection connection = (RelayConnection) Proxy.newProxyInstance(
            RelayConnection.class.getClassLoader(),
            new Class<?>[] {RelayConnection.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "filters" -> filters;
                case "admit" -> {
                    asked.add(ImmediateEventExecutor.INSTANCE.newPromise());
                    yield asked.get(asked.size() - 1);
                }
                default -> throw new UnsupportedOperationException(method.getName());
            });

    private UdpAssociation start() {
        UdpAssociation association = new UdpAssociation(
                new ListenerClient(connection, "", null, null, null, () -> {}, null, null),
                SENDER.getAddress(),
                0,
                inner,
                outer);
        association.start();
        return association;
    }

    private ByteBuf send(int port) {
        ByteBuf datagram = Unpooled.buffer()
                .writeZero(3)
                .writeByte(1)
                .writeInt(0x7f000001)
                .writeShort(port)
                .writeByte('x');
        inner.writeInbound(new DatagramPacket(datagram, OWN, SENDER));
        return datagram;
    }

    @Test
    void aClientThatLeavesDuringALookUpReleasesItsDatagramsOnce() {
        UdpAssociation association = start();
        // The test's own reference stands for the next owner of a pooled buffer.
        ByteBuf datagram = send(53).retain();
        association.stop();
        assertThat(datagram.refCnt()).isEqualTo(1);
        asked.get(0).setSuccess(Target.of(InetAddress.getLoopbackAddress(), 53));
        assertThat(datagram.refCnt()).isEqualTo(1);
        datagram.release();
    }

    @Test
    void aReplacedLookUpReleasesItsDatagramsOnce() {
        start();
        ByteBuf first = send(53);
        filters = List.of("second");
        ByteBuf second = send(53);
        assertThat(first.refCnt()).isZero();
        assertThat(asked).hasSize(2);
        asked.get(0).setSuccess(Target.of(InetAddress.getLoopbackAddress(), 53));
        asked.get(1).setFailure(new IllegalStateException("denied"));
        assertThat(second.refCnt()).isZero();
        assertThat(outer.<Object>readOutbound()).isNull();
    }

    @Test
    void asksAgainWhenTheFiltersChange() {
        start();
        send(53);
        asked.get(0).setSuccess(Target.of(InetAddress.getLoopbackAddress(), 53));
        send(53);
        assertThat(asked).hasSize(1);
        assertThat(outer.outboundMessages()).hasSize(2);
        filters = List.of("second");
        send(53);
        assertThat(asked).hasSize(2);
        assertThat(outer.outboundMessages()).hasSize(2);
        outer.releaseOutbound();
    }

    @Test
    void aTargetThatIsDeniedLaterIsNotHeardAnyMore() {
        start();
        send(53);
        asked.get(0).setSuccess(Target.of(InetAddress.getLoopbackAddress(), 53));
        answer();
        assertThat(inner.outboundMessages()).hasSize(1);
        filters = List.of("second");
        // Until the filters have answered, their last answer holds.
        answer();
        answer();
        assertThat(asked).hasSize(2);
        assertThat(inner.outboundMessages()).hasSize(3);
        asked.get(1).setFailure(new IllegalStateException("denied"));
        answer();
        assertThat(inner.outboundMessages()).hasSize(3);
        inner.releaseOutbound();
        outer.releaseOutbound();
    }

    private void answer() {
        InetSocketAddress target = new InetSocketAddress(InetAddress.getLoopbackAddress(), 53);
        outer.writeInbound(new DatagramPacket(Unpooled.buffer().writeByte('y'), OWN, target));
    }

    @Test
    void whatTheNetworkDoesNotTakeIsLostAndNotKept() {
        start();
        send(53);
        asked.get(0).setSuccess(Target.of(InetAddress.getLoopbackAddress(), 53));
        outer.releaseOutbound();
        outer.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        ByteBuf datagram = send(53);
        assertThat(datagram.refCnt()).isZero();
        assertThat(outer.<Object>readOutbound()).isNull();
    }
}

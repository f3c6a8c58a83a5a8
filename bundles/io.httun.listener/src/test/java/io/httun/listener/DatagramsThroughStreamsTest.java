// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.config.ConfigException;
import io.httun.api.relay.RelayOrigin;
import io.httun.listener.SocksRig.Udp;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** UDP by SOCKS and by a port, through streams and through the direct connector. */
@Timeout(120)
class DatagramsThroughStreamsTest {
    private static final HexFormat HEX = HexFormat.of();

    private final ListenerRig rig = new ListenerRig("auto");

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    private static byte[] datagram(String target, int port, byte[] data) {
        byte[] head = HEX.parseHex("000000" + target + HEX.toHexDigits((short) port));
        return ByteBuffer.allocate(head.length + data.length)
                .put(head)
                .put(data)
                .array();
    }

    @Test
    void theServerResolvesTheNamesOfAnAssociation() throws IOException {
        RelayOrigin atServer = rig.streams();
        try (DatagramSocket echo = SocksRig.udpEcho();
                Udp udp = new Udp(rig.socks())) {
            udp.send(datagram("0309" + HEX.formatHex("localhost".getBytes()), echo.getLocalPort(), new byte[] {7}));
            assertThat(udp.receive())
                    .isEqualTo("000000017f000001" + HEX.toHexDigits((short) echo.getLocalPort()) + "07");
            assertThat(atServer.connections().get(0).target()).isEqualTo("localhost:" + echo.getLocalPort());
        }
        await().until(() -> atServer.open() == 0);
    }

    @Test
    void tenThousandDatagramsComeBackUnchanged() throws IOException {
        RelayOrigin atServer = rig.streams();
        int all = 10_000;
        BitSet back = new BitSet(all);
        try (DatagramSocket echo = SocksRig.udpEcho();
                Udp udp = new Udp(rig.socks())) {
            // Few datagrams in flight, so that no socket buffer overflows.
            for (int i = 0; i < all + 16; i++) {
                if (i < all) {
                    byte[] numbered = ByteBuffer.allocate(200).putInt(i).array();
                    udp.send(datagram("017f000001", echo.getLocalPort(), numbered));
                }
                if (i >= 16) {
                    String answer = udp.receive();
                    assertThat(answer).hasSize(2 * 210);
                    back.set(Integer.parseInt(answer.substring(20, 28), 16));
                }
            }
            assertThat(back.cardinality()).isEqualTo(all);
            assertThat(atServer.accepted()).isEqualTo(1);
        }
    }

    /** Sockets on the way lose as many as the machine is too busy for; none is changed or doubled, and the association goes on. */
    @Test
    void aFloodOfTenThousandDatagramsASecond() throws Exception {
        rig.streams();
        int all = 10_000;
        BitSet back = new BitSet(all + 1);
        try (DatagramSocket echo = SocksRig.udpEcho();
                Udp udp = new Udp(rig.socks())) {
            udp.send(datagram("017f000001", echo.getLocalPort(), numbered(0)));
            assertThat(udp.receive()).endsWith(HEX.formatHex(numbered(0)));
            Thread sender = ListenerRig.daemon(() -> {
                for (int i = 0; i < all; i++) {
                    udp.send(datagram("017f000001", echo.getLocalPort(), numbered(i)));
                    if (i % 10 == 9) {
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                    }
                }
            });
            udp.socket.setSoTimeout(500);
            while (!back.get(all)) {
                if (!sender.isAlive()) {
                    udp.send(datagram("017f000001", echo.getLocalPort(), numbered(all)));
                }
                try {
                    String answer = udp.receive();
                    int number = Integer.parseInt(answer.substring(20, 28), 16);
                    assertThat(answer)
                            .isEqualTo("000000017f000001" + HEX.toHexDigits((short) echo.getLocalPort())
                                    + HEX.formatHex(numbered(number)));
                    assertThat(back.get(number)).as("%s came before", number).isFalse();
                    back.set(number);
                } catch (SocketTimeoutException e) {
                    assertThat(e).as("asks again").isNotNull();
                }
            }
        }
        System.out.println((back.cardinality() - 1) + " of " + all + " datagrams came back");
    }

    private static byte[] numbered(int number) {
        byte[] data = new byte[200];
        Arrays.fill(data, (byte) number);
        return ByteBuffer.wrap(data).putInt(number).array();
    }

    @Test
    void digAsksThroughAPortOfUdpAndOneOfTcp() throws IOException {
        RealPrograms.need("dig");
        rig.streams();
        try (DatagramSocket server = SocksRig.udpEcho(SocksRig::answerOfDns)) {
            LocalListener udp = rig.port(server.getLocalPort(), "bind", "udp:127.0.0.1:0");
            assertThat(dig(udp, "+notcp")).isEqualTo("192.0.2.7\n");
            await().untilAsserted(() -> assertThat(udp.origin().connections()).hasSize(1));
            assertThat(udp.status().address()).startsWith("udp:127.0.0.1:");
        }
        int target = rig.target(socket -> {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] answer = SocksRig.answerOfDns(in.readNBytes(in.readUnsignedShort()));
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeShort(answer.length);
            out.write(answer);
        });
        assertThat(dig(rig.port(target), "+tcp")).isEqualTo("192.0.2.7\n");
    }

    private static String dig(LocalListener listener, String protocol) throws IOException {
        String port = Integer.toString(ListenerRig.portOf(listener));
        return RealPrograms.run(
                        "dig", protocol, "+noedns", "+short", "+tries=1", "@127.0.0.1", "-p", port, "www.example.org")
                .ok()
                .output();
    }

    @Test
    void eachSourceOfAPortIsAConnectionUntilItIsSilent() throws IOException {
        try (DatagramSocket echo = SocksRig.udpEcho();
                DatagramSocket one = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                DatagramSocket other = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            LocalListener listener = rig.port(echo.getLocalPort(), "bind", "udp:127.0.0.1:0", "udp.idle.seconds", 1);
            assertThat(exchange(one, listener, "one")).isEqualTo("one");
            assertThat(exchange(other, listener, "other")).isEqualTo("other");
            assertThat(listener.origin().accepted()).isEqualTo(2);
            await().until(() -> listener.origin().open() == 0);
            assertThat(listener.origin().closedConnections().get(0).end()).isEqualTo("COMPLETE");
            assertThat(exchange(one, listener, "again")).isEqualTo("again");
        }
    }

    private static String exchange(DatagramSocket socket, LocalListener listener, String text) throws IOException {
        send(socket, ListenerRig.portOf(listener), text);
        return receive(socket);
    }

    private static void send(DatagramSocket socket, int port, String text) throws IOException {
        socket.send(new DatagramPacket(text.getBytes(), text.length(), InetAddress.getLoopbackAddress(), port));
    }

    private static String receive(DatagramSocket socket) throws IOException {
        socket.setSoTimeout(ListenerRig.READ_MILLIS);
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        socket.receive(answer);
        return new String(answer.getData(), 0, answer.getLength());
    }

    @Test
    void aPortKeepsItsFormerAddressWhileTheNewOneIsTaken() throws IOException {
        try (DatagramSocket echo = SocksRig.udpEcho();
                DatagramSocket client = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            DatagramSocket taken = new DatagramSocket(0, InetAddress.getLoopbackAddress());
            LocalListener listener = rig.port(echo.getLocalPort(), "bind", "udp:127.0.0.1:0");
            int former = ListenerRig.portOf(listener);
            listener.change(settings(taken.getLocalPort(), echo));
            await().until(() -> listener.status().state().startsWith("listening; cannot listen on 127.0.0.1:"));
            send(client, former, "former");
            assertThat(receive(client)).isEqualTo("former");
            taken.close();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> listener.status().state().equals("listening"));
            assertThat(ListenerRig.portOf(listener)).isNotEqualTo(former);
            assertThat(exchange(client, listener, "new")).isEqualTo("new");
        }
    }

    @Test
    void aPortKeepsItsSocketWhenItsTargetChanges() throws IOException {
        try (DatagramSocket one = SocksRig.udpEcho();
                DatagramSocket other = SocksRig.udpEcho(bytes -> "other".getBytes());
                DatagramSocket client = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            LocalListener listener = rig.port(one.getLocalPort(), "bind", "udp:127.0.0.1:0");
            int port = ListenerRig.portOf(listener);
            assertThat(exchange(client, listener, "one")).isEqualTo("one");
            listener.change(settings(0, other));
            await().until(() -> listener.origin().open() == 0);
            assertThat(exchange(client, listener, "one")).isEqualTo("other");
            assertThat(ListenerRig.portOf(listener)).isEqualTo(port);
        }
    }

    private static ListenerSettings settings(int port, DatagramSocket target) {
        return PortSettings.read(ListenerRig.configuration(
                        "bind", "udp:127.0.0.1:" + port, "target", "udp:localhost:" + target.getLocalPort()))
                .common();
    }

    @Test
    void aPortThatLeadsToItselfIsRefused() throws IOException {
        int free;
        try (DatagramSocket probe = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            free = probe.getLocalPort();
        }
        LocalListener listener = rig.port(free, "bind", "udp:127.0.0.1:" + free);
        assertThat(ListenerRig.portOf(listener)).isEqualTo(free);
        try (DatagramSocket one = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            one.send(new DatagramPacket(new byte[1], 1, InetAddress.getLoopbackAddress(), free));
            assertThat(ListenerRig.lastCause(listener)).contains(ListenerClient.LOOP);
        }
    }

    @Test
    void saysWhatIsWrongWithAPortOfDatagrams() {
        assertThatThrownBy(() ->
                        PortSettings.read(Map.of("name", "x", "bind", "udp:127.0.0.1:53", "target", "192.0.2.1:53")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("must begin with udp: if and only if bind does");
        assertThatThrownBy(() -> PortSettings.read(Map.of(
                        "name", "x", "bind", "udp:127.0.0.1:53", "target", "udp:192.0.2.1:53", "target.tls", true)))
                .hasMessageContaining("which supports no TLS");
    }
}

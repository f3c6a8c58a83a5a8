// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.target.Decision;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.api.target.TargetFilter;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Datagrams by SOCKS. */
class SocksUdpTest extends SocksRig {
    @Test
    void carriesDatagramsAndDropsFragmentsAndStrangers() throws IOException {
        try (DatagramSocket echo = udpEcho();
                Udp udp = new Udp(rig.socks());
                DatagramSocket stranger = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            byte[] to = join(hex("000000 01 7f000001"), port(echo.getLocalPort()));
            String from = HexFormat.of().formatHex(to);
            udp.send(join(to, ascii("one")));
            assertThat(udp.receive()).isEqualTo(from + "6f6e65");
            udp.send(join(hex("000001 01 7f000001"), port(echo.getLocalPort()), ascii("fragment")));
            udp.send(hex("0000"));
            udp.send(hex("000000 07 00"));
            byte[] foreign = join(to, ascii("foreign"));
            stranger.send(new DatagramPacket(foreign, foreign.length, InetAddress.getLoopbackAddress(), udp.port));
            udp.send(join(hex("000000 03 09"), ascii("localhost"), port(echo.getLocalPort()), ascii("name")));
            assertThat(udp.receive()).isEqualTo(from + "6e616d65");
            udp.send(join(to, new byte[60_000]));
            assertThat(udp.receive()).hasSize(2 * (10 + 60_000));
        }
    }

    /** dig has no SOCKS support: the relay in between only adds and removes the header. */
    @Test
    void carriesAQueryOfDig() throws IOException {
        RealPrograms.need("dig");
        int header = 10;
        try (DatagramSocket server = udpEcho(SocksRig::answerOfDns);
                Udp udp = new Udp(rig.socks());
                DatagramSocket between = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            ListenerRig.daemon(() -> {
                DatagramPacket query = new DatagramPacket(new byte[512], 512);
                between.receive(query);
                byte[] asked = Arrays.copyOf(query.getData(), query.getLength());
                udp.send(join(hex("000000 01 7f000001"), port(server.getLocalPort()), asked));
                byte[] answer = hex(udp.receive());
                between.send(new DatagramPacket(answer, header, answer.length - header, query.getSocketAddress()));
            });
            assertThat(RealPrograms.run(
                                    "dig",
                                    "+noedns",
                                    "+short",
                                    "+tries=1",
                                    "@127.0.0.1",
                                    "-p",
                                    "" + between.getLocalPort(),
                                    "www.example.org")
                            .ok()
                            .output())
                    .isEqualTo("192.0.2.7\n");
        }
    }

    @Test
    void takesAnAssociationThatNamesTheTarget() throws IOException {
        try (DatagramSocket echo = udpEcho()) {
            byte[] target = join(hex("01 7f000001"), port(echo.getLocalPort()));
            for (byte[] named :
                    List.of(target, join(hex("03 07"), ascii("a.local"), port(53)), hex("01 c0000207 0035"))) {
                try (Udp udp = new Udp(rig.socks(), named)) {
                    udp.send(join(hex("000000"), target, ascii("one")));
                    assertThat(udp.receive()).endsWith("6f6e65");
                }
            }
        }
    }

    @Test
    void datagramsObeyTheRulesOfTheirAssociation() throws IOException {
        rig.filter("who", new TargetFilter() {
            @Override
            public Decision decide(Target target) {
                return new Decision.Deny("no datagram is allowed");
            }

            @Override
            public Decision decide(Target target, RequestContext context) {
                boolean known =
                        context.source().map(InetAddress::isLoopbackAddress).orElse(false);
                return known ? Decision.ALLOW : new Decision.Deny("unknown user");
            }
        });
        LocalListener listener = rig.socks("filters", "who");
        try (DatagramSocket echo = udpEcho();
                Udp udp = new Udp(listener)) {
            byte[] datagram = join(hex("000000 01 7f000001"), port(echo.getLocalPort()), ascii("one"));
            udp.send(datagram);
            assertThat(udp.receive()).endsWith("6f6e65");
            assertThat(listener.origin().connections().get(0).state()).isEqualTo("associated");
            assertThat(listener.origin().connections().get(0).bytesToTarget()).isEqualTo(3);
            assertThat(listener.origin().connections().get(0).bytesFromTarget()).isEqualTo(3);
            listener.change(SocksSettings.read(ListenerRig.configuration("filters", "missing"))
                    .common());
            udp.send(datagram);
            udp.socket.setSoTimeout(500);
            assertThatThrownBy(udp::receive).isInstanceOf(SocketTimeoutException.class);
        }
        assertThat(ListenerRig.lastCause(listener)).isEqualTo("closed");
        assertThat(listener.status().refused()).isZero();
    }

    @Test
    void associationsObeyThePolicy() throws IOException {
        LocalListener listener = rig.socks("policy", new String[] {"bytes=20"});
        try (DatagramSocket echo = udpEcho();
                Udp udp = new Udp(listener)) {
            byte[] datagram = join(hex("000000 01 7f000001"), port(echo.getLocalPort()), ascii("0123456789"));
            udp.send(datagram);
            udp.receive();
            udp.send(datagram);
            assertThat(ListenerRig.lastCause(listener)).contains("limit of 20 bytes");
        }
    }

    @Test
    void endsAnAssociationWithItsConnection() throws IOException {
        LocalListener listener = rig.socks();
        try (Udp udp = new Udp(listener)) {
            udp.control.close();
            await().until(() -> listener.origin().connections().isEmpty());
            await().until(() -> {
                try (DatagramSocket same = new DatagramSocket(udp.port, InetAddress.getLoopbackAddress())) {
                    return same.isBound();
                } catch (IOException e) {
                    return false;
                }
            });
        }
    }

    @Test
    void refusesDatagramsWhereTheyCannotBeCarried() throws IOException {
        byte[] request = hex("050100 05030001 00000000 0000");
        assertThat(exchange(rig.socks("udp", false), request)).startsWith("05000507");
        rig.connector = ListenerRig.failing(Cause.FAILED);
        assertThat(exchange(rig.socks(), request)).startsWith("05000507");
        rig.connector = null;
        assertThat(exchange(rig.socks(), request)).startsWith("05000501");
    }

    @Test
    void sendsNoDatagramToADeniedTarget() throws IOException {
        try (DatagramSocket echo = udpEcho();
                Udp udp = new Udp(rig.socks("filters", "missing"))) {
            udp.send(join(hex("000000 01 7f000001"), port(echo.getLocalPort()), ascii("one")));
            udp.socket.setSoTimeout(500);
            assertThatThrownBy(udp::receive).isInstanceOf(SocketTimeoutException.class);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.target.RefusedException.Cause;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What SOCKS listeners refuse, and how they say so. */
class SocksRefusalsTest extends SocksRig {
    @Test
    void saysThatThereAreTooManyConnections() throws IOException {
        LocalListener full = rig.socks("connections.max", 1);
        LocalListener crowded = rig.socks("policy", "per.source=1");
        try (Socket first = ListenerRig.dial(full);
                Socket second = ListenerRig.dial(crowded)) {
            await().until(() -> full.origin().open() == 1 && crowded.origin().open() == 1);
            assertThat(first.isConnected() && second.isConnected()).isTrue();
            byte[] request = join(hex("050100"), request5("a.test", 1));
            assertThat(exchange(full, request)).isEqualTo("0500" + "05010001000000000000");
            assertThat(exchange(crowded, request)).isEqualTo("0500" + "05010001000000000000");
            assertThat(exchange(crowded, hex("050102"))).isEqualTo("05ff");
            assertThat(exchange(crowded, join(hex("0401"), port(1), hex("7f000001"), ascii("me\0"))))
                    .isEqualTo("005b000000000000");
            assertThat(exchange(crowded, ascii("GET / HTTP/1.1"))).isEmpty();
        }
    }

    @Test
    void leadsToNoListenerOfItsOwnProcessUnderAnyName() throws IOException {
        LocalListener socks = rig.socks("bind", "0.0.0.0:0");
        List<LocalListener> ours = List.of(socks, rig.connect(), rig.port(rig.echo()));
        List<String> aliases =
                new ArrayList<>(List.of("127.0.0.1", "localhost", "::ffff:127.0.0.1", "127.0.0.2", "LOCALHOST."));
        for (NetworkInterface one : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            one.getInterfaceAddresses().stream()
                    .map(InterfaceAddress::getAddress)
                    .filter(Inet4Address.class::isInstance)
                    .forEach(address -> aliases.add(address.getHostAddress()));
        }
        for (LocalListener own : ours) {
            // A listener on one address is not reached by the others.
            for (String alias : own == socks ? aliases : aliases.subList(0, 3)) {
                String answer = exchange(socks, join(hex("050100"), request5(alias, ListenerRig.portOf(own))));
                assertThat(answer).as(alias).isEqualTo("0500" + "05020001000000000000");
            }
        }
        assertThat(ListenerRig.lastCause(socks)).contains(ListenerClient.LOOP);
        for (LocalListener own : ours) {
            for (String any : List.of("0.0.0.0", "::")) {
                assertThat(exchange(socks, join(hex("050100"), request5(any, ListenerRig.portOf(own)))))
                        .as(any)
                        .isEqualTo("0500" + "05020001000000000000");
            }
        }
    }

    @Test
    void doesNotAskItselfThroughAProxy() throws IOException {
        LocalListener socks = rig.socks();
        rig.upstream(List.of("a=socks5://localhost:" + ListenerRig.portOf(socks)), "* via a");
        assertThat(exchange(socks, join(hex("050100"), request5("a.test", 1))))
                .isEqualTo("0500" + "05020001000000000000");
        // Another event loop may count the connection after the answer.
        await().until(() -> socks.status().accepted() == 2);
    }

    @ParameterizedTest
    @CsvSource({
        "DENIED, 02",
        "UNRESOLVED, 04",
        "UNREACHABLE, 03",
        "TIMED_OUT, 04",
        "CONNECTION_REFUSED, 05",
        "OVERLOADED, 01",
        "TOO_MANY, 01",
        "UNAVAILABLE, 01",
        "FAILED, 01"
    })
    void repliesSayWhy(Cause cause, String code) throws IOException {
        rig.connector = ListenerRig.failing(cause);
        LocalListener listener = rig.socks();
        assertThat(exchange(listener, join(hex("050100"), request5("a.test", 1))))
                .isEqualTo("0500" + "05" + code + "0001000000000000");
        assertThat(exchange(listener, join(hex("0401 0001 7f000001"), ascii("\0"))))
                .startsWith("005b");
        assertThat(listener.status().refused()).isEqualTo(2);
        assertThat(ListenerRig.lastCause(listener)).contains("failed by the test");
    }

    @Test
    void refusesWithoutItsConnector() throws IOException {
        rig.connector = null;
        LocalListener listener = rig.socks();
        assertThat(exchange(listener, join(hex("050100"), request5(1)))).startsWith("0500" + "0501");
        assertThat(ListenerRig.lastCause(listener)).isEqualTo("the connector is not available");
    }

    @Test
    void refusesWhileAFilterIsMissing() throws IOException {
        LocalListener listener = rig.socks("filters", "gone");
        assertThat(exchange(listener, join(hex("050100"), request5(rig.echo()))))
                .startsWith("0500" + "0502");
        assertThat(ListenerRig.lastCause(listener)).contains("filter gone is not available");
    }

    @ParameterizedTest
    @CsvSource({
        "BIND, 050100 05020001 7f000001 0050, 0500 0507",
        "address type, 050100 05010009 7f000001 0050, 0500 0508",
        "port 0, 050100 05010001 7f000001 0000, 0500 0501",
        "bad name, 050100 05010003 03 612062 0050, 0500 0501",
        "version inside, 050100 04010001 7f000001 0050, 0500 0501",
        "no method, 050102, 05ff",
        "SOCKS 4 BIND, 0402 0050 7f000001 00, 005b"
    })
    void refusesWhatItDoesNotDo(String what, String sent, String answer) throws IOException {
        assertThat(exchange(rig.socks(), hex(sent))).as(what).startsWith(answer.replace(" ", ""));
    }

    @Test
    void closesOnGarbageAndServesOn() throws IOException {
        int echo = rig.echo();
        LocalListener listener = rig.socks();
        try (Socket socket = ListenerRig.dial(listener)) {
            socket.getOutputStream().write(ascii("GET / HTTP/1.1\r\n\r\n"));
            assertThat(endOf(socket)).isTrue();
        }
        assertThat(exchange(listener, join(hex("050100"), request5(1)))).startsWith("0500");
        try (Socket socket = ListenerRig.dial(listener)) {
            socket.getOutputStream().write(join(hex("050100"), request5(echo)));
            assertThat(read(socket, 12)).isEqualTo("0500" + CONNECTED_5);
        }
    }

    /** A close with unread input may arrive as a reset. */
    private static boolean endOf(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (IOException e) {
            return e.getMessage().contains("reset");
        }
    }

    @ParameterizedTest
    @CsvSource({"05, 05ff", "0501, 05ff", "04010050, 005b0000", "050100 0501, 0500 0501"})
    void endsASlowNegotiation(String sent, String answer) throws IOException {
        LocalListener listener = rig.socks("negotiation.seconds", 1);
        assertThat(exchange(listener, hex(sent))).startsWith(answer.replace(" ", ""));
        assertThat(ListenerRig.lastCause(listener)).isEqualTo("negotiation timed out");
    }
}

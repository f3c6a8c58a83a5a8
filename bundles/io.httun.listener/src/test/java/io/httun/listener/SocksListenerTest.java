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
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SocksListenerTest {
    private static final String CONNECTED_5 = "05000001000000000000";

    private final ListenerRig rig = new ListenerRig("auto");

    @AfterEach
    void end() throws IOException {
        rig.close();
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] port(int port) {
        return new byte[] {(byte) (port >> 8), (byte) port};
    }

    private static byte[] request5(int port) {
        return join(hex("05010001 7f000001"), port(port));
    }

    private static byte[] request5(String host, int port) {
        return join(hex("05010003"), new byte[] {(byte) host.length()}, ascii(host), port(port));
    }

    private static String read(Socket socket, int bytes) throws IOException {
        return HexFormat.of().formatHex(socket.getInputStream().readNBytes(bytes));
    }

    /** Returns everything received after {@code sent}, until the connection is closed. */
    private static String exchange(LocalListener listener, byte[] sent) throws IOException {
        try (Socket socket = ListenerRig.dial(listener)) {
            socket.getOutputStream().write(sent);
            return HexFormat.of().formatHex(socket.getInputStream().readAllBytes());
        }
    }

    private static void assertEcho(Socket socket) throws IOException {
        socket.getOutputStream().write(ascii("hello"));
        assertThat(socket.getInputStream().readNBytes(5)).isEqualTo(ascii("hello"));
    }

    @Test
    void connectsBySocks5ToAnAddress() throws IOException {
        int echo = rig.echo();
        try (Socket socket = ListenerRig.dial(rig.socks())) {
            socket.getOutputStream().write(hex("050100"));
            assertThat(read(socket, 2)).isEqualTo("0500");
            socket.getOutputStream().write(request5(echo));
            assertThat(read(socket, 10)).isEqualTo(CONNECTED_5);
            assertEcho(socket);
        }
    }

    @Test
    void connectsBySocks5ToAName() throws IOException {
        int echo = rig.echo();
        try (Socket socket = ListenerRig.dial(rig.socks())) {
            socket.getOutputStream().write(join(hex("05020002"), request5("LocalHost", echo)));
            assertThat(read(socket, 12)).isEqualTo("0500" + CONNECTED_5);
            assertEcho(socket);
        }
    }

    @Test
    void connectsBySocks4AndSocks4a() throws IOException {
        int echo = rig.echo();
        LocalListener listener = rig.socks();
        byte[] socks4 = join(hex("0401"), port(echo), hex("7f000001"), ascii("me\0"));
        byte[] socks4a = join(hex("0401"), port(echo), hex("00000001"), ascii("\0localhost\0"));
        for (byte[] request : new byte[][] {socks4, socks4a}) {
            try (Socket socket = ListenerRig.dial(listener)) {
                socket.getOutputStream().write(request);
                assertThat(read(socket, 8)).startsWith("005a");
                assertEcho(socket);
            }
        }
    }

    @Test
    void losesNothingOfWhatComesRightBehindTheRequest() throws IOException {
        int echo = rig.echo();
        byte[] everything = join(hex("050100"), request5(echo), ascii("early bird"));
        try (Socket socket = ListenerRig.dial(rig.socks())) {
            socket.getOutputStream().write(everything);
            socket.shutdownOutput();
            assertThat(HexFormat.of().formatHex(socket.getInputStream().readAllBytes()))
                    .isEqualTo("0500" + CONNECTED_5 + HexFormat.of().formatHex(ascii("early bird")));
        }
    }

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

    @Test
    void takesARequestByteByByte() throws IOException {
        int echo = rig.echo();
        try (Socket socket = ListenerRig.dial(rig.socks())) {
            socket.setTcpNoDelay(true);
            for (byte one : join(hex("050100"), request5(echo))) {
                socket.getOutputStream().write(one);
            }
            assertThat(read(socket, 12)).isEqualTo("0500" + CONNECTED_5);
            assertEcho(socket);
        }
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

    @Test
    void asksForUserAndPassword(@TempDir Path directory) throws IOException {
        int echo = rig.echo();
        LocalListener listener = rig.socks("users.file", users(directory));
        byte[] request = request5(echo);
        try (Socket socket = ListenerRig.dial(listener)) {
            socket.getOutputStream().write(join(hex("050102"), login("ann", "secret"), request));
            assertThat(read(socket, 14)).isEqualTo("0502" + "0100" + CONNECTED_5);
            assertEcho(socket);
        }
        assertThat(exchange(listener, join(hex("050102"), login("ann", "wrong"), request)))
                .isEqualTo("0502" + "01ff");
        assertThat(exchange(listener, join(hex("050102"), login("a:b", "secret"), request)))
                .isEqualTo("0502" + "01ff");
        assertThat(exchange(listener, join(hex("050100"), request))).isEqualTo("05ff");
        assertThat(exchange(listener, join(hex("0401 0050 7f000001"), ascii("ann\0"))))
                .startsWith("005b");
        assertThat(listener.origin().connections().toString()
                        + listener.origin().closedConnections())
                .doesNotContain("secret");
    }

    @Test
    void takesUserAndPasswordInUtf8(@TempDir Path directory) throws IOException {
        Path users = Path.of(users(directory));
        Files.writeString(users, Files.readString(users).replace("ann:", "j\u00fcrgen:"));
        LocalListener listener = rig.socks("users.file", users.toString());
        byte[] login = join(hex("0107"), "j\u00fcrgen".getBytes(StandardCharsets.UTF_8), hex("06"), ascii("secret"));
        try (Socket socket = ListenerRig.dial(listener)) {
            socket.getOutputStream().write(join(hex("050102"), login, request5(rig.echo())));
            assertThat(read(socket, 14)).isEqualTo("0502" + "0100" + CONNECTED_5);
        }
    }

    static String users(Path directory) throws IOException {
        Path file = directory.resolve("users");
        Files.writeString(
                file,
                "# who may\n"
                        + "bob:$2y$04$xDhtcWcLYd2ofYlVYt9Nz.E/VoZUaVtAiT36euB2aqNPu9WEFy3wO\n"
                        + "ann:$2y$04$1H5fOoeOMB03P9WJueN/1.mr5AWnFXFAJVifsuGNu3wglfo6dNq1q\n");
        return file.toString();
    }

    private static byte[] login(String user, String password) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(1);
        out.writeByte(user.length());
        out.writeBytes(user);
        out.writeByte(password.length());
        out.writeBytes(password);
        return bytes.toByteArray();
    }

    /** The client's side of an association. */
    static final class Udp implements AutoCloseable {
        final Socket control;
        final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        final int port;

        Udp(LocalListener listener) throws IOException {
            this(listener, hex("01 00000000 0000"));
        }

        /** @param named address and port of the request */
        Udp(LocalListener listener, byte[] named) throws IOException {
            control = ListenerRig.dial(listener);
            control.getOutputStream().write(join(hex("050100 050300"), named));
            assertThat(read(control, 6)).isEqualTo("050005000001");
            assertThat(read(control, 4)).isEqualTo("7f000001");
            port = Integer.parseInt(read(control, 2), 16);
            socket.setSoTimeout(ListenerRig.READ_MILLIS);
        }

        void send(byte[] datagram) throws IOException {
            socket.send(new DatagramPacket(datagram, datagram.length, InetAddress.getLoopbackAddress(), port));
        }

        String receive() throws IOException {
            DatagramPacket packet = new DatagramPacket(new byte[70_000], 70_000);
            socket.receive(packet);
            return HexFormat.of().formatHex(packet.getData(), 0, packet.getLength());
        }

        @Override
        public void close() throws IOException {
            control.close();
            socket.close();
        }
    }

    static DatagramSocket udpEcho() throws IOException {
        return udpEcho(UnaryOperator.identity());
    }

    /** Answers each datagram until it is closed. */
    static DatagramSocket udpEcho(UnaryOperator<byte[]> answer) throws IOException {
        DatagramSocket echo = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        ListenerRig.daemon(() -> {
            DatagramPacket packet = new DatagramPacket(new byte[70_000], 70_000);
            while (!echo.isClosed()) {
                echo.receive(packet);
                byte[] sent = answer.apply(Arrays.copyOf(packet.getData(), packet.getLength()));
                echo.send(new DatagramPacket(sent, sent.length, packet.getSocketAddress()));
                packet.setLength(70_000);
            }
        });
        return echo;
    }

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
        try (DatagramSocket server = udpEcho(SocksListenerTest::answerOfDns);
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

    /** Answers every name with one address (RFC 1035 section 4.1). */
    static byte[] answerOfDns(byte[] query) {
        byte[] head = join(Arrays.copyOf(query, 2), hex("8180 0001 0001 0000 0000"));
        byte[] question = Arrays.copyOfRange(query, head.length, query.length);
        return join(head, question, hex("c00c 0001 0001 0000003c 0004 c0000207"));
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

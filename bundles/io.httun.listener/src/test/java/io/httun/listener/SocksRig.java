// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;

/** SOCKS on the wire: requests, associations, and the servers that they lead to. */
abstract class SocksRig {
    static final String CONNECTED_5 = "05000001000000000000";

    final ListenerRig rig = new ListenerRig("auto");

    @AfterEach
    void end() throws IOException {
        rig.close();
    }

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] port(int port) {
        return new byte[] {(byte) (port >> 8), (byte) port};
    }

    static byte[] request5(int port) {
        return join(hex("05010001 7f000001"), port(port));
    }

    static byte[] request5(String host, int port) {
        return join(hex("05010003"), new byte[] {(byte) host.length()}, ascii(host), port(port));
    }

    static String read(Socket socket, int bytes) throws IOException {
        return HexFormat.of().formatHex(socket.getInputStream().readNBytes(bytes));
    }

    /** Returns everything received after {@code sent}, until the connection is closed. */
    static String exchange(LocalListener listener, byte[] sent) throws IOException {
        try (Socket socket = ListenerRig.dial(listener)) {
            socket.getOutputStream().write(sent);
            return HexFormat.of().formatHex(socket.getInputStream().readAllBytes());
        }
    }

    static void assertEcho(Socket socket) throws IOException {
        socket.getOutputStream().write(ascii("hello"));
        assertThat(socket.getInputStream().readNBytes(5)).isEqualTo(ascii("hello"));
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

    static byte[] login(String user, String password) throws IOException {
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

    /** Answers every name with one address (RFC 1035 section 4.1). */
    static byte[] answerOfDns(byte[] query) {
        byte[] head = join(Arrays.copyOf(query, 2), hex("8180 0001 0001 0000 0000"));
        byte[] question = Arrays.copyOfRange(query, head.length, query.length);
        return join(head, question, hex("c00c 0001 0001 0000003c 0004 c0000207"));
    }
}

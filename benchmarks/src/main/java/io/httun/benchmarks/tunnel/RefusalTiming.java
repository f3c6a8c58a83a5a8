// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.tunnel;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** Whether anybody can tell from an answer why a request was refused: by what it says, or by when it comes. */
final class RefusalTiming {
    private static final double NANOS_PER_MICRO = 1e3;
    private static final byte[] END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final URI base;
    private final Map<String, byte[]> requests = new LinkedHashMap<>();

    /**
     * @param known id of a channel with sessions and without a password
     * @param guarded id of one with the password {@code user:right}
     * @param unknown id of none
     */
    RefusalTiming(String base, int known, int guarded, int unknown) {
        this.base = URI.create(base);
        byte[] frame = new byte[1000];
        new Random(1).nextBytes(frame);
        frame[0] = 1;
        requests.put("known channel", request(known, "user:wrong", frame));
        requests.put("unknown channel", request(unknown, "user:wrong", frame));
        requests.put("right password", request(guarded, "user:right", frame));
        requests.put("wrong password", request(guarded, "user:wrong", frame));
        requests.put("malformed", request(known, "user:wrong", new byte[10]));
    }

    private byte[] request(int channel, String login, byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        String head = "POST " + base.getPath() + "/" + channel + "/w/0000000001 HTTP/1.1\r\nHost: "
                + base.getAuthority()
                + "\r\nAuthorization: Basic "
                + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.US_ASCII)) + "\r\nContent-Length: "
                + body.length + "\r\n\r\n";
        out.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(body);
        return out.toByteArray();
    }

    /** Asks for every cause in turn, in an order of chance, and prints what there is to see. */
    void compare(String path, int rounds) throws IOException {
        List<String> causes = new ArrayList<>(requests.keySet());
        Map<String, double[]> micros = new LinkedHashMap<>();
        causes.forEach(cause -> micros.put(cause, new double[rounds]));
        List<String> order = new ArrayList<>(causes);
        String face = "";
        Socket socket = connect();
        try {
            for (int round = -rounds / 2; round < rounds; round++) {
                Collections.shuffle(order);
                for (String cause : order) {
                    long begin = System.nanoTime();
                    socket.getOutputStream().write(requests.get(cause));
                    String answer = head(socket.getInputStream());
                    if (round >= 0) {
                        micros.get(cause)[round] = (System.nanoTime() - begin) / NANOS_PER_MICRO;
                    }
                    String seen = answer.replaceAll("(?i)(date|connection): [^\r]*\r\n", "");
                    if (!face.isEmpty() && !seen.equals(face)) {
                        throw new IOException(cause + " looks different:\n" + seen + "and not\n" + face);
                    }
                    face = seen;
                    if (answer.contains("onnection: close")) {
                        // Web servers do after so many requests.
                        socket.close();
                        socket = connect();
                    }
                }
            }
        } finally {
            socket.close();
        }
        double[] known = micros.get(causes.get(0));
        for (String cause : causes) {
            double[] sorted = micros.get(cause).clone();
            Arrays.sort(sorted);
            System.out.printf(
                    Locale.ROOT,
                    "%-18s %-16s median %7.1f us, quartiles %7.1f and %7.1f; Mann-Whitney z = %6.2f%n",
                    path,
                    cause,
                    sorted[rounds / 2],
                    sorted[rounds / 4],
                    sorted[rounds * 3 / 4],
                    mannWhitney(known, sorted));
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(base.getHost(), base.getPort());
        socket.setTcpNoDelay(true);
        return socket;
    }

    /** Up to the empty line: a refusal has no body. */
    private static String head(InputStream in) throws IOException {
        byte[] read = new byte[1024];
        int length = 0;
        while (length < END.length || !Arrays.equals(read, length - END.length, length, END, 0, END.length)) {
            int n = in.read(read, length, read.length - length);
            if (n <= 0) {
                throw new IOException("the connection ended after " + length + " bytes of an answer");
            }
            length += n;
        }
        return new String(read, 0, length, StandardCharsets.US_ASCII);
    }

    /** How many standard deviations the ranks of the first are from what chance makes of equal samples. */
    private static double mannWhitney(double[] first, double[] sorted) {
        double less = 0;
        for (double value : first) {
            int at = Arrays.binarySearch(sorted, value);
            less += at < 0 ? -at - 1 : at;
        }
        double n = first.length;
        double m = sorted.length;
        return (less - n * m / 2) / Math.sqrt(n * m * (n + m + 1) / 12);
    }
}

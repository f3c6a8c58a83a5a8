// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads requests the way the stock server does: each into an empty buffer of 72 KiB, so that what was read behind the
 * end of a request is lost (there is no pipelining), and a request that does not fit is dropped without an answer.
 */
final class StockRequestReader {

    static final int LIMIT = 72 * 1024;

    /**
     * A whole request.
     */
    record Raw(List<String> lines, byte[] body) {}

    private final Socket socket;
    private final byte[] buffer = new byte[LIMIT];
    private int count;

    StockRequestReader(Socket socket) {
        this.socket = socket;
    }

    /** The next request; empty at the end of the stream. */
    Optional<Raw> next(Deadline deadline) throws IOException {
        while (true) {
            count = 0;
            int headLength = readHead(deadline);
            if (headLength < 0) {
                return Optional.empty();
            }
            if (headLength == 0) {
                continue;
            }
            List<String> lines = new String(buffer, 0, headLength - 4, StandardCharsets.ISO_8859_1)
                    .lines()
                    .toList();
            int length = HeaderLines.leadingNumber(
                    HeaderLines.find(lines, "content-length").orElse("0"));
            if (length < 0 || length > LIMIT - headLength) {
                continue;
            }
            while (count < headLength + length) {
                if (!fill(deadline, headLength + length)) {
                    return Optional.empty();
                }
            }
            return Optional.of(new Raw(lines, Arrays.copyOfRange(buffer, headLength, headLength + length)));
        }
    }

    /** Length of the head with its empty line, 0 when it does not fit, -1 at the end of the stream. */
    private int readHead(Deadline deadline) throws IOException {
        int searched = 0;
        while (count < LIMIT) {
            if (!fill(deadline, LIMIT)) {
                return -1;
            }
            for (int i = searched; i <= count - 4; i++) {
                if (buffer[i] == '\r' && buffer[i + 1] == '\n' && buffer[i + 2] == '\r' && buffer[i + 3] == '\n') {
                    return i + 4;
                }
            }
            searched = Math.max(0, count - 3);
        }
        return 0;
    }

    private boolean fill(Deadline deadline, int end) throws IOException {
        deadline.bound(socket);
        int n = socket.getInputStream().read(buffer, count, end - count);
        count += Math.max(n, 0);
        return n >= 0;
    }
}

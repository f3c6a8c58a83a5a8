// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A request as the stock server read it.
 *
 * @param connection counts the server's connections from 1
 * @param kind by direction in the path and type of the frame
 * @param channel the channel id in the path
 * @param serial the cache buster in the path
 * @param line the request line as received
 * @param headers the header lines as received, in order
 * @param frame decoded from {@code m} (GET) or the body (POST)
 */
public record StockRequest(
        long connection, Kind kind, int channel, String serial, String line, List<String> headers, byte[] frame) {

    /** What a request is for. */
    public enum Kind {
        INIT,
        R,
        W
    }

    public Optional<String> header(String name) {
        return HeaderLines.find(headers, name);
    }

    StockRequest withoutFrame() {
        return new StockRequest(connection, kind, channel, serial, line, headers, Arrays.copyOf(frame, 0));
    }
}

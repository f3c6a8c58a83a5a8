// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.util.List;
import java.util.Optional;

/**
 * A reply as it was received.
 *
 * @param line the status line
 * @param headers the header lines, in order
 * @param framing how the end of the body is told
 * @param body the body, decoded if it was chunked; empty when it ends with the connection and was not waited for
 */
public record StockReply(int status, String line, List<String> headers, Framing framing, byte[] body) {

    /** How the end of a body is told. */
    public enum Framing {
        LENGTH,
        CHUNKED,
        UNTIL_CLOSE
    }

    public Optional<String> header(String name) {
        return HeaderLines.find(headers, name);
    }

    /** Whether the next request may use the same connection. */
    public boolean keepsConnection() {
        return framing != Framing.UNTIL_CLOSE
                && !header("connection").filter("close"::equalsIgnoreCase).isPresent();
    }
}

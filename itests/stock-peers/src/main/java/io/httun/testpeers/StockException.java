// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.IOException;

/** Something a stock peer refuses: a frame, a request or a reply that is not as it should be. */
public final class StockException extends IOException {

    private static final long serialVersionUID = 1L;

    public StockException(String message) {
        super(message);
    }

    public StockException(String message, Throwable cause) {
        super(message, cause);
    }
}

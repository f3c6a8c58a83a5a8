// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;

/** The server, or a proxy before it, did not answer in time. */
final class LinkTimeoutException extends HttunException {
    private static final long serialVersionUID = 1L;

    LinkTimeoutException(String message) {
        super(message);
    }
}

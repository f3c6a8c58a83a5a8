// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import io.httun.api.HttunException;

/** A body holds no message of the protocol. */
final class TermException extends HttunException {
    private static final long serialVersionUID = 1L;

    TermException(String message) {
        super(message, null, true);
    }
}

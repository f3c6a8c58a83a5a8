// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.HttunException;

/** A session's key has protected as much as it may. It happens to every long session, so it has no stack trace. */
final class KeyUsedUpException extends HttunException {
    private static final long serialVersionUID = 1L;

    KeyUsedUpException() {
        super("its key is used up", null, true);
    }
}

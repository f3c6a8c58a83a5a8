// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import io.httun.api.HttunException;

/** Bytes that violate the wire protocol. Anybody can cause it, so it has no stack trace. */
public class FrameException extends HttunException {
    private static final long serialVersionUID = 1L;

    public FrameException(String message) {
        super(message, null, true);
    }
}

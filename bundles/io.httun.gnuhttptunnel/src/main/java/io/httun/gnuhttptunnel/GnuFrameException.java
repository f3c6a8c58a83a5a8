// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.httun.api.HttunException;

/** A tunnel ends because of what its peer sent or did not send. */
final class GnuFrameException extends HttunException {
    private static final long serialVersionUID = 1L;

    GnuFrameException(String message) {
        super(message, null, true);
    }
}

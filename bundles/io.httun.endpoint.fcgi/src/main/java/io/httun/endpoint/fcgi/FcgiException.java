// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import io.httun.api.HttunException;

/** The input is not FastCGI. */
final class FcgiException extends HttunException {
    private static final long serialVersionUID = 1L;

    FcgiException(String message) {
        super(message, null, true);
    }
}

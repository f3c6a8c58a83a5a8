// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;

/** A proxy refuses the client's login. It must not be repeated soon: proxies and directories lock accounts. */
final class ProxyLoginException extends HttunException {
    private static final long serialVersionUID = 1L;

    ProxyLoginException(String message) {
        super(message);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.target.RefusedException;

/** The server is a stock server, or one of ours without streams: each connection needs a session of its own. */
final class NoPipesException extends RefusedException {
    private static final long serialVersionUID = 1L;

    NoPipesException() {
        super(Cause.UNAVAILABLE, "the server has no streams");
    }
}

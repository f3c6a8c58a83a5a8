// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

/** A request that is refused, with the sentence that its sender reads. */
final class PageError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    /** @param status of HTTP */
    PageError(int status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    int status() {
        return status;
    }
}

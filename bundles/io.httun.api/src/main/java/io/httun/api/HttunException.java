// SPDX-License-Identifier: Apache-2.0
package io.httun.api;

/**
 * Root of the errors that httun raises on purpose. The message says what was got, what was expected and, where the
 * reader can act, what to do. It never holds a secret.
 */
public class HttunException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public HttunException(String message) {
        super(message);
    }

    public HttunException(String message, Throwable cause) {
        super(message, cause);
    }

    /** For errors that a stranger can cause at will: no stack trace is recorded when {@code cheap} is true. */
    protected HttunException(String message, Throwable cause, boolean cheap) {
        super(message, cause, !cheap, !cheap);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

/** A request or reply of another member that cannot be taken. The text says what was got and expected. */
final class ForwardException extends Exception {
    private static final long serialVersionUID = 1L;

    ForwardException(String message) {
        super(message);
    }
}

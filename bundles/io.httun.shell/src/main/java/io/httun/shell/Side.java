// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

/** The values of a channel's {@code side}. */
final class Side {
    static final String SERVER = "server";
    static final String CLIENT = "client";

    private Side() {}
}

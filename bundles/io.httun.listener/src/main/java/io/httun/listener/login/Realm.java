// SPDX-License-Identifier: Apache-2.0
package io.httun.listener.login;

/** Knows users by their passwords. May block; called on login threads only. */
interface Realm {
    boolean accepts(String user, String password);

    /** Changes whenever an answer may change, so that remembered ones are forgotten then. May look at the disk. */
    long version();
}

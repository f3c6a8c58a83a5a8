// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.login;

import io.httun.api.status.Problem;
import java.util.List;

/** Knows users by their passwords. */
interface Realm {
    /** May block; called on login threads only. */
    boolean accepts(String user, String password);

    /** Changes whenever an answer may change, so that remembered ones are forgotten then. */
    long version();

    /** Its problem; empty while it works. */
    default List<Problem> problems() {
        return List.of();
    }
}

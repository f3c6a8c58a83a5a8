// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.listen;

import io.httun.api.status.Problem;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;

/**
 * A port that other machines can reach and that has no access control. Logs a warning when that begins, and is a problem in the
 * health until it ends. Thread-safe.
 */
public final class OpenDoor {
    private final Logger log;
    private final String what;
    private volatile Optional<Problem> problem = Optional.empty();

    /** @param log of the part that has the port */
    public OpenDoor(Logger log) {
        this(log, "is open to");
    }

    /**
     * @param log of the part that has the port
     * @param what the part's relation to everyone who can reach it, such as {@code is open to}
     */
    public OpenDoor(Logger log, String what) {
        this.log = log;
        this.what = what + " everyone who can reach ";
    }

    /**
     * Another configuration holds.
     *
     * @param part kind and name, such as {@code listener socks}
     * @param open whether others can reach it, and there is no access control
     * @param address where it listens
     * @param remedy what would limit them, as an instruction
     */
    public void change(String part, boolean open, String address, String remedy) {
        Optional<Problem> next = open ? Optional.of(new Problem(part, what + address, remedy)) : Optional.empty();
        if (open && !next.equals(problem)) {
            log.warn("{} {}{}: {}", part, what, address, remedy);
        }
        problem = next;
    }

    /** At most one. */
    public List<Problem> problems() {
        return problem.stream().toList();
    }
}

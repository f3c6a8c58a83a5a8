// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

/** Decides what is done to each request; asked by any thread. */
@FunctionalInterface
interface Plan {
    Plan NOTHING = kind -> Injection.NONE;

    /** Which of the wire's three requests it is. */
    enum Kind {
        INIT,
        R,
        W
    }

    /**
     * @param millis for those that wait
     * @param hard whether connections are cut with a reset
     */
    record Injection(LineFault fault, long millis, boolean hard) {
        static final Injection NONE = new Injection(LineFault.NONE, 0, false);
    }

    Injection next(Kind kind);
}

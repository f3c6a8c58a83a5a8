// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import java.util.function.BooleanSupplier;

/** Repeats a round of work while the round itself asks for another one, without recursion. Confined to one thread. */
final class PumpLoop {
    private final Runnable round;
    private final BooleanSupplier over;
    private boolean running;
    private boolean again;

    PumpLoop(Runnable round, BooleanSupplier over) {
        this.round = round;
        this.over = over;
    }

    /** Asks for another round after the current one. */
    void again() {
        again = true;
    }

    /** Returns whether this call ran the rounds; a call from inside a round only asks for another one. */
    boolean run() {
        if (running) {
            again = true;
            return false;
        }
        running = true;
        do {
            again = false;
            round.run();
        } while (again && !over.getAsBoolean());
        running = false;
        return true;
    }
}

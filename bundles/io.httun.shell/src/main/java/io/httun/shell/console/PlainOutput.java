// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.console;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Removes the control sequences of terminals: escape sequences of ECMA-48 (colours, cursor) and of window titles. */
final class PlainOutput extends FilterOutputStream {
    private static final int ESCAPE = 0x1b;
    private static final int BELL = 7;
    private static final int FIRST_FINAL = 0x40;
    private static final int LAST_FINAL = 0x7e;

    private enum State {
        TEXT,
        ESCAPED,
        CONTROL,
        TITLE
    }

    private State state = State.TEXT;

    PlainOutput(OutputStream out) {
        super(out);
    }

    @Override
    public void write(int b) throws IOException {
        int octet = b & 0xff;
        switch (state) {
            case TEXT -> {
                if (octet == ESCAPE) {
                    state = State.ESCAPED;
                } else {
                    out.write(octet);
                }
            }
            case ESCAPED -> state = octet == '[' ? State.CONTROL : octet == ']' ? State.TITLE : State.TEXT;
            case CONTROL -> state = octet >= FIRST_FINAL && octet <= LAST_FINAL ? State.TEXT : State.CONTROL;
            case TITLE -> state = octet == BELL ? State.TEXT : octet == ESCAPE ? State.ESCAPED : State.TITLE;
            default -> throw new IllegalStateException(state.toString());
        }
    }
}

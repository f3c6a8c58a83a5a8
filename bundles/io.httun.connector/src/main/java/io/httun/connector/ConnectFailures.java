// SPDX-License-Identifier: Apache-2.0
package io.httun.connector;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.netty.channel.ConnectTimeoutException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.util.List;
import java.util.Locale;

/** Translates failures of attempts into causes and messages. */
final class ConnectFailures {
    /** The most informative cause first, for several addresses that failed differently. */
    private static final List<Cause> TELLING = List.of(Cause.CONNECTION_REFUSED, Cause.TIMED_OUT, Cause.UNREACHABLE);

    private ConnectFailures() {}

    /** The two transports and the JDK name the same failures differently. */
    static RefusedException of(Throwable failure, String where) {
        String text = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        Cause cause = Cause.FAILED;
        if (failure instanceof ConnectTimeoutException || text.contains("timed out")) {
            cause = Cause.TIMED_OUT;
        } else if (failure instanceof NoRouteToHostException || text.contains("unreachable")) {
            cause = Cause.UNREACHABLE;
        } else if (failure instanceof ConnectException || text.contains("refused")) {
            cause = Cause.CONNECTION_REFUSED;
        }
        String why =
                switch (cause) {
                    case TIMED_OUT -> "no answer in time";
                    case UNREACHABLE -> "no route to host";
                    case CONNECTION_REFUSED -> "connection refused";
                    default -> failure instanceof IOException ? failure.getMessage() : failure.toString();
                };
        return new RefusedException(cause, where + ": " + why);
    }

    static RefusedException moreTelling(RefusedException one, RefusedException other) {
        return rank(other) < rank(one) ? other : one;
    }

    private static int rank(RefusedException failure) {
        int rank = TELLING.indexOf(failure.refusal());
        return rank < 0 ? TELLING.size() : rank;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.target.RefusedException;
import io.httun.toolkit.status.Trouble;
import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Explains why there is no connection to the server, in the terms of {@link Trouble}. */
final class ConnectTroubles {
    private static final int MOST_CAUSES = 16;

    private ConnectTroubles() {}

    static boolean isSlow(Throwable cause) {
        return cause instanceof ConnectTimeoutException
                || cause instanceof RefusedException refused && refused.refusal() == RefusedException.Cause.TIMED_OUT;
    }

    /** Returns the message of a failure and what to do. */
    static String explain(Throwable failure) {
        // Netty's exception for an unreachable network has no words but the address.
        String message = String.valueOf(failure.getMessage()).replaceFirst("^null: ", "");
        return Trouble.in(message).isPresent()
                ? message
                : find(failure).map(trouble -> trouble.with(message)).orElse(message);
    }

    static Optional<Trouble> find(Throwable failure) {
        Optional<Trouble> certificate = certificate(failure);
        if (certificate.isPresent()) {
            return certificate;
        }
        String text = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        RefusedException.Cause refused = failure instanceof RefusedException refusal ? refusal.refusal() : null;
        if (refused == RefusedException.Cause.UNRESOLVED || failure instanceof UnknownHostException) {
            return Optional.of(Trouble.NAME_NOT_FOUND);
        } else if (isSlow(failure)
                || refused == RefusedException.Cause.UNREACHABLE
                || failure instanceof NoRouteToHostException
                || text.contains("unreachable")) {
            return Optional.of(Trouble.NO_ANSWER);
        } else if (refused == RefusedException.Cause.CONNECTION_REFUSED || failure instanceof ConnectException) {
            return Optional.of(Trouble.SERVER_DOWN);
        }
        return Optional.empty();
    }

    private static Optional<Trouble> certificate(Throwable failure) {
        List<Throwable> causes = causes(failure);
        if (causes.stream().anyMatch(ConnectTroubles::isExpired)) {
            return Optional.of(Trouble.CERTIFICATE_EXPIRED);
        } else if (causes.stream().anyMatch(ConnectTroubles::isNotYetValid)) {
            return Optional.of(Trouble.CLOCK_WRONG);
        }
        return causes.stream()
                .filter(CertificateException.class::isInstance)
                .findFirst()
                .map(cause -> isForAnotherName(cause) ? Trouble.CERTIFICATE_NAME : Trouble.CERTIFICATE_UNTRUSTED);
    }

    private static boolean isExpired(Throwable cause) {
        return cause instanceof CertificateExpiredException
                || cause instanceof CertPathValidatorException path && path.getReason() == BasicReason.EXPIRED;
    }

    private static boolean isNotYetValid(Throwable cause) {
        return cause instanceof CertificateNotYetValidException
                || cause instanceof CertPathValidatorException path && path.getReason() == BasicReason.NOT_YET_VALID;
    }

    /** The JDK's host name check has no exception class of its own: only its text differs. */
    private static boolean isForAnotherName(Throwable cause) {
        String text = String.valueOf(cause.getMessage());
        return text.contains("subject alternative") || text.startsWith("No name matching");
    }

    private static List<Throwable> causes(Throwable failure) {
        List<Throwable> causes = new ArrayList<>();
        for (Throwable cause = failure; cause != null && causes.size() < MOST_CAUSES; cause = cause.getCause()) {
            causes.add(cause);
        }
        return causes;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.target;

import io.httun.api.target.RefusedException.Cause;
import java.util.Optional;

/** How HTTP tells why there is no connection: a status, and an error of {@code Proxy-Status} (RFC 9209 section 2.3). */
public enum ProxyError {
    DENIED(Cause.DENIED, 403, "destination_ip_prohibited"),
    UNRESOLVED(Cause.UNRESOLVED, 502, "dns_error"),
    UNREACHABLE(Cause.UNREACHABLE, 502, "destination_ip_unroutable"),
    CONNECTION_REFUSED(Cause.CONNECTION_REFUSED, 502, "connection_refused"),
    TIMED_OUT(Cause.TIMED_OUT, 504, "connection_timeout"),
    OVERLOADED(Cause.OVERLOADED, 503, "proxy_internal_response"),
    TOO_MANY(Cause.TOO_MANY, 429, "connection_limit_reached"),
    UNAVAILABLE(Cause.UNAVAILABLE, 503, "destination_unavailable"),
    FAILED(Cause.FAILED, 502, "proxy_internal_error");

    private final Cause cause;
    private final int status;
    private final String error;

    ProxyError(Cause cause, int status, String error) {
        this.cause = cause;
        this.status = status;
        this.error = error;
    }

    public static ProxyError of(Cause cause) {
        return valueOf(cause.name());
    }

    /** The one whose error this is. */
    public static Optional<ProxyError> of(String error) {
        for (ProxyError one : values()) {
            if (one.error.equals(error)) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    public Cause cause() {
        return cause;
    }

    public int status() {
        return status;
    }

    public String error() {
        return error;
    }

    /** Whether it may work a moment later, which {@code retry-after} says. */
    public boolean isTemporary() {
        return status == 503 || status == 429;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.target.RefusedException.Cause;
import io.httun.connector.upstream.ProxyException.Fault;
import io.httun.toolkit.status.Trouble;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponse;
import java.util.Map;

/** The cause of a proxy's refusal of CONNECT. Squid adds details to its status in a header of its own. */
final class ProxyAnswers {
    private static final Map<Integer, Cause> BY_STATUS = Map.of(
            403, Cause.DENIED,
            405, Cause.DENIED,
            404, Cause.UNRESOLVED,
            429, Cause.OVERLOADED,
            500, Cause.FAILED,
            502, Cause.UNREACHABLE,
            503, Cause.UNAVAILABLE,
            504, Cause.TIMED_OUT,
            508, Cause.DENIED);
    private static final Map<String, Cause> BY_SQUID = Map.of(
            "ERR_DNS_FAIL 0", Cause.UNRESOLVED,
            "ERR_CONNECT_FAIL 101", Cause.UNREACHABLE,
            "ERR_CONNECT_FAIL 110", Cause.TIMED_OUT,
            "ERR_CONNECT_FAIL 111", Cause.CONNECTION_REFUSED,
            "ERR_CONNECT_FAIL 113", Cause.UNREACHABLE);

    private static final int LOOP = 508;

    private ProxyAnswers() {}

    static void refused(HttpConnect handshake, ChannelHandlerContext context, HttpResponse answer) {
        int status = answer.status().code();
        String squid = answer.headers().get("X-Squid-Error", "");
        Cause cause = BY_SQUID.getOrDefault(squid, BY_STATUS.getOrDefault(status, Cause.FAILED));
        String hint = status == LOOP
                ? "; the proxies form a loop"
                : cause == Cause.DENIED ? "; its rules may not allow CONNECT to this port" : "";
        String answered = handshake.proxy() + " answered CONNECT to " + handshake.next() + " with " + status
                + (squid.matches("[A-Z_]+ [0-9]+") ? " (" + squid + ")" : "") + hint;
        boolean rules = cause == Cause.DENIED && status != LOOP;
        handshake.fail(context, Fault.TARGET, cause, rules ? Trouble.PROXY_REFUSES.with(answered) : answered);
    }
}

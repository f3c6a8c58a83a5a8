// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.protocol.FrameBody;
import java.util.ArrayList;
import java.util.List;

/** Derives recommended settings from the findings of a probe. */
final class ProbeAdvice {
    private static final int MANY = 16;
    /** A server holds a request for data up to 5 s; the client falls back to bodies of at least 4 KiB. */
    private static final int SERVER_WAIT = 5;

    private static final int MAX_SKEW = 60;

    private ProbeAdvice() {}

    static List<String> of(ProbeFindings found) {
        List<String> advice = new ArrayList<>();
        if (Math.abs(found.skewSeconds) > MAX_SKEW) {
            advice.add("correct the clock of this computer, which is " + Math.abs(found.skewSeconds) + " s "
                    + (found.skewSeconds > 0 ? "ahead of" : "behind") + " the server's: certificates, hours and expiry"
                    + " dates depend on it");
        }
        if (found.intercepted.equals("yes")) {
            advice.add("a proxy intercepts TLS (issuer " + found.issuer
                    + "): it sees encrypted frames only; tls.pin would refuse it");
        }
        if (found.keptRequests == 1) {
            advice.add("http.keep.alive = false: the connection is closed after each request");
        }
        if (found.parallel == 1) {
            advice.add(
                    "http.connections.max = 2: one request at a time passes, so that uploads wait for downloads; another"
                            + " proxy would be better");
        } else if (found.parallel > 1 && found.parallel < MANY) {
            advice.add("http.connections.max = " + found.parallel + ": not more requests pass at a time");
        }
        if (found.largestRequest > 0 && found.largestRequest < FrameBody.MAX_BATCH) {
            advice.add("raise the limit for bodies of requests, " + found.largestRequest
                    + " bytes, to 1 MiB (client_max_body_size in nginx, LimitRequestBody in Apache); until then the"
                    + " client sends smaller ones by itself");
        }
        if (found.largestReply >= 0 && found.largestReply < FrameBody.MAX_BATCH) {
            advice.add("raise the limit for bodies of replies, " + found.largestReply + " bytes, to 1 MiB");
        }
        if (found.waitSeconds > 0 && found.waitSeconds <= SERVER_WAIT) {
            advice.add("raise the time limit for replies at the proxy from " + found.waitSeconds
                    + " s to 30 s: the server holds a request for 5 s while there is no data");
        }
        return advice;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tunnel;

import java.util.List;

/**
 * What the path to a server allows. Numbers are -1 where they were not measured, texts are empty.
 *
 * @param url of the server
 * @param problem why the tunnel does not work on this path, with what to do; empty if it works
 * @param addresses of the server's name, or of the address in the URL; none where a proxy looks names up
 * @param dnsMillis how long looking them up took
 * @param proxy connector that makes the connections; {@code none} for connections of the client's own
 * @param tls version of TLS; {@code none} for http
 * @param issuer of the server's certificate
 * @param intercepted {@code no}, {@code yes}, or {@code unknown} where TLS does not end at the httun server
 * @param server {@code httun}; {@code stock} for one that answers no probes; empty where it did not answer
 * @param head whether the head of a reply passes {@code at once}, or only {@code at the end} of the reply
 * @param firstByte the same for the first byte of a reply
 * @param first64KiB the same for its first 64 KiB
 * @param get whether GET passes
 * @param post whether POST passes
 * @param largestRequest largest body of a request that passes, in bytes, up to 1 MiB, to a power of two
 * @param largestReply largest body of a reply that passes, in bytes, up to 1 MiB, to a power of two
 * @param headersAdded names of headers that something has added to a request
 * @param headersChanged names of headers of a request with another value than was sent
 * @param headersRemoved names of headers of a request that did not arrive
 * @param replyHeadersAdded names of headers that something has added to a reply
 * @param parallel requests that were at the server at the same time, up to 16
 * @param keptRequests requests that one connection carried, up to 6; 1 where it is closed after each
 * @param idleSeconds silence after which a kept connection was closed; 0 for not within the time of the probe
 * @param waitSeconds time after which a waiting request was cut; 0 for not within the time of the probe
 * @param roundTripMillis shortest time of an exchange
 * @param clockSkewSeconds by how much the clock of this computer is ahead of the server's
 * @param mebibytesPerSecondToServer rate of parallel requests, with their overhead
 * @param mebibytesPerSecondFromServer rate of parallel replies
 * @param settings what follows: properties of the client, and what to change at the proxies, each a sentence
 */
public record PathReport(
        String url,
        String problem,
        List<String> addresses,
        double dnsMillis,
        String proxy,
        String tls,
        String issuer,
        String intercepted,
        String server,
        String head,
        String firstByte,
        String first64KiB,
        boolean get,
        boolean post,
        int largestRequest,
        int largestReply,
        List<String> headersAdded,
        List<String> headersChanged,
        List<String> headersRemoved,
        List<String> replyHeadersAdded,
        int parallel,
        int keptRequests,
        int idleSeconds,
        int waitSeconds,
        double roundTripMillis,
        long clockSkewSeconds,
        double mebibytesPerSecondToServer,
        double mebibytesPerSecondFromServer,
        List<String> settings) {
    public static final String AT_ONCE = "at once";
    public static final String AT_THE_END = "at the end";
}

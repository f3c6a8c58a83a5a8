// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.httun.toolkit.web.AllowedPeers;
import java.io.IOException;
import java.util.stream.Stream;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** Requests that only read. */
final class Reading {
    private Reading() {}

    static boolean isAllowed(AllowedPeers peers, HttpServletRequest request) {
        return peers.allows(request.getRemoteAddr(), request::getHeader);
    }

    /** The answer to everybody else, as where there is nothing. */
    static void refuse(HttpServletResponse response) throws IOException {
        response.setStatus(HttpServletResponse.SC_NOT_FOUND);
        response.setContentLength(0);
        response.flushBuffer();
    }

    /** Whether a method only reads. */
    static boolean isRead(HttpServletRequest request) {
        return Stream.of("GET", "HEAD").anyMatch(request.getMethod()::equals);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/**
 * The fields of a form in the body of a request, and never those of its URL, which ends up in logs and histories.
 *
 * @param fields by name
 */
record RequestForm(Map<String, String> fields) {
    /** Far more than the longest form has. */
    static final int MAX_BYTES = 8192;

    /** Reads a body in {@code application/x-www-form-urlencoded}. */
    static RequestForm read(HttpServletRequest request) throws IOException {
        byte[] body = request.getInputStream().readNBytes(MAX_BYTES + 1);
        if (body.length > MAX_BYTES) {
            throw new PageError(
                    HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE, "The form is longer than " + MAX_BYTES + " bytes");
        }
        Map<String, String> fields = new HashMap<>();
        for (String pair : new String(body, StandardCharsets.US_ASCII).split("&")) {
            String[] parts = pair.split("=", 2);
            fields.put(decode(parts[0]), parts.length > 1 ? decode(parts[1]) : "");
        }
        return new RequestForm(fields);
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new PageError(HttpServletResponse.SC_BAD_REQUEST, "The form is not encoded as a form");
        }
    }

    /** Empty where there is none. */
    String field(String name) {
        return fields.getOrDefault(name, "");
    }

    @Override
    public String toString() {
        return "RequestForm" + fields.keySet();
    }
}

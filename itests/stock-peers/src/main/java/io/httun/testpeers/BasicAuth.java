// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The {@code authorization} value of HTTP basic authentication. */
final class BasicAuth {

    private BasicAuth() {}

    static String header(String user, String password) {
        byte[] credentials = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(credentials);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

/** An endpoint that speaks HTTP itself, on 127.0.0.1 at {@code /httun}. */
public interface HttpEndpoint extends Endpoint {
    int port();

    default String url() {
        return "http://127.0.0.1:" + port() + "/httun";
    }
}

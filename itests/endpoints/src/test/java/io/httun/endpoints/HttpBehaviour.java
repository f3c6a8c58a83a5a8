// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

/** Of an endpoint that speaks HTTP, by itself or behind a reverse proxy. */
abstract class HttpBehaviour extends Behaviour {
    private HttpEndpoint endpoint;

    /** @param port where the last one was; 0 at first */
    abstract HttpEndpoint endpoint(int port);

    @Override
    final Endpoint endpoint() {
        endpoint = endpoint(endpoint == null ? 0 : endpoint.port());
        return endpoint;
    }

    @Override
    final String url() {
        return endpoint.url();
    }

    final int port() {
        return endpoint.port();
    }
}

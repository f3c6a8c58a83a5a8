// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

import io.httun.api.tunnel.TunnelService;

/** An endpoint under test, with everything around it that it needs to run. */
public interface Endpoint extends AutoCloseable {
    /** Makes this the service that requests go to. */
    void serve(TunnelService service);

    /** Requests whose answer is awaited. */
    int waiting();

    /** The endpoint goes away, as when its bundle stops: whoever waits is answered. */
    void release();

    @Override
    void close();
}

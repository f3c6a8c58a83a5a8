// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.l3;

/** Both ends of a tunnel, of one make: 10.9.0.1 at the server, 10.9.0.2 at the client, HTTP at 10.77.0.1:8080. */
interface TunEnds {
    String SERVER_DEVICE = "httun-s-l3";
    String CLIENT_DEVICE = "httun-c-0";

    /** Starts a server on a host. */
    Process server(int host, int mtu) throws Exception;

    /** Starts a client on a host. */
    Process client(int host, int mtu) throws Exception;
}

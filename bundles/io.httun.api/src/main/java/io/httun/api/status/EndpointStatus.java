// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/**
 * Where the requests of clients come in.
 *
 * @param name as configured
 * @param kind {@code netty}, {@code cxf} or {@code fcgi}
 * @param address where it listens, or its path in the web server
 * @param state {@code open}, or why it is not
 * @param requests HTTP requests, valid or not
 * @param waiting requests that have no answer yet
 */
public record EndpointStatus(String name, String kind, String address, String state, long requests, int waiting) {}

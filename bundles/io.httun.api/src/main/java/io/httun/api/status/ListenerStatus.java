// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/**
 * A local listener.
 *
 * @param name as configured
 * @param kind {@code socks}, {@code connect}, {@code port}, or the name of another protocol
 * @param address where it listens
 * @param state {@code listening}, {@code mounted}, or why it does not
 * @param connections open now
 * @param accepted connections that came, with those that were refused
 * @param refused connections that were refused, whatever for
 */
public record ListenerStatus(
        String name, String kind, String address, String state, int connections, long accepted, long refused) {}

// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/**
 * A proxy that a connector goes through.
 *
 * @param name as configured; unique in its connector
 * @param connector the connector's name
 * @param kind its protocol
 * @param address of the proxy
 * @param state {@code ok}, or {@code dead} while it is left out
 * @param connections made through it since the connector started
 * @param failures of the proxy itself since the connector started
 */
public record ProxyStatus(
        String name, String connector, String kind, String address, String state, long connections, long failures) {}

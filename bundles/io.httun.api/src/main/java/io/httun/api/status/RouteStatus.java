// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/**
 * A route of ours: through a device, or around it to an address that has to stay outside.
 *
 * @param name the device's name in the configuration
 * @param destination a network
 * @param via the next hop; empty where there is none
 * @param device name of the interface
 * @param kind {@code tunnel} or {@code outside}
 * @param state {@code set}
 */
public record RouteStatus(String name, String destination, String via, String device, String kind, String state) {}

// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/**
 * A stream in a pipe: one connection, one way for datagrams, or one place that takes the next connection of a reverse port.
 * Where it leads is told by the connection that it carries.
 *
 * @param pipe the pipe's id
 * @param side {@code server} or {@code client}
 * @param id number of the stream in its pipe (RFC 9113 section 5.1.1)
 * @param kind {@code connection}, {@code datagrams} or {@code accept}
 * @param ageSeconds since it was opened
 */
public record StreamStatus(String pipe, String side, int id, String kind, long ageSeconds) {}

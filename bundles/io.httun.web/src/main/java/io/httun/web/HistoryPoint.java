// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import java.util.List;

/**
 * One moment of the plots.
 *
 * @param number counts the moments
 * @param millis since 1970
 * @param entry between applications and the listeners of this process
 * @param client between its clients and their servers
 * @param server between its server and the clients
 * @param exit between its server and the targets
 * @param tun through its TUN devices
 * @param connections open now
 * @param sessions open now
 * @param streams open now
 * @param roundTripMicros the longest of the last round trips of all pipes; 0 without any
 * @param refusedByServer refusals per second, in thousandths
 * @param refusedByListeners refusals per second, in thousandths
 * @param refusedByFilters refusals per second, in thousandths
 */
record HistoryPoint(
        long number,
        long millis,
        Flow entry,
        Flow client,
        Flow server,
        Flow exit,
        Flow tun,
        int connections,
        int sessions,
        int streams,
        long roundTripMicros,
        long refusedByServer,
        long refusedByListeners,
        long refusedByFilters) {
    /** In the order that page.js knows; numbers only, since there are many. */
    List<Number> numbers() {
        return List.of(
                number,
                millis,
                entry.up(),
                entry.down(),
                client.up(),
                client.down(),
                server.up(),
                server.down(),
                exit.up(),
                exit.down(),
                tun.up(),
                tun.down(),
                connections,
                sessions,
                streams,
                roundTripMicros,
                refusedByServer,
                refusedByListeners,
                refusedByFilters);
    }
}

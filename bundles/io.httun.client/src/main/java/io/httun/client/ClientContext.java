// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

/** What the parts of one client share. */
record ClientContext(
        ClientSettings settings,
        Surroundings surroundings,
        Dialer dialer,
        UrlRing urls,
        Counters counters,
        LogThrottle throttle) {
    static ClientContext of(ClientSettings settings, Surroundings surroundings) {
        return new ClientContext(
                settings,
                surroundings,
                new Dialer(settings, surroundings),
                new UrlRing(settings),
                new Counters(null),
                new LogThrottle());
    }
}

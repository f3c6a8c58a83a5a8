// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.protocol.KeyLife;
import io.httun.toolkit.status.LogLimiter;
import org.slf4j.LoggerFactory;

/**
 * What the parts of one client share.
 *
 * @param initLife bounds the use of the init key, which is the same for every init under one secret
 */
record ClientContext(
        ClientSettings settings,
        Surroundings surroundings,
        Dialer dialer,
        UrlRing urls,
        Counters counters,
        LogLimiter log,
        KeyLife initLife) {
    static ClientContext of(ClientSettings settings, Surroundings surroundings) {
        return new ClientContext(
                settings,
                surroundings,
                new Dialer(settings, surroundings),
                new UrlRing(settings),
                new Counters(null),
                new LogLimiter(LoggerFactory.getLogger(ClientComponent.class)),
                new KeyLife());
    }

    /** What is known of the path to the server. */
    LearntPath path() {
        return dialer.path();
    }
}

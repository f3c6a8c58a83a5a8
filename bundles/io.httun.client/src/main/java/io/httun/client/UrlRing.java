// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The URLs of the servers, the last successful one first. Thread-safe. */
final class UrlRing {
    private final List<RequestHeads> all;
    private final ServerPauses pauses = new ServerPauses();
    private volatile int good;

    UrlRing(ClientSettings settings) {
        all = settings.urls().stream()
                .map(url -> new RequestHeads(url, settings))
                .toList();
    }

    List<RequestHeads> inOrder() {
        List<RequestHeads> order = new ArrayList<>(all);
        Collections.rotate(order, -good);
        return order;
    }

    ServerPauses pauses() {
        return pauses;
    }

    void worked(RequestHeads heads) {
        good = all.indexOf(heads);
        pauses.worked(heads);
    }
}

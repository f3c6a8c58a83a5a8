// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.tunnel;

import io.httun.testrig.DelayRelay;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Relays that stand between clients and servers, one for each server and round trip. */
final class Delays implements AutoCloseable {
    private final List<Integer> roundTrips;
    private final List<DelayRelay> relays = new ArrayList<>();

    /** @param roundTrips in milliseconds; 0 needs no relay */
    Delays(List<Integer> roundTrips) {
        this.roundTrips = roundTrips;
    }

    List<Integer> all() {
        return roundTrips;
    }

    /** Where to reach a local port after a round trip. */
    int port(int target, int roundTrip) throws IOException {
        if (roundTrip == 0) {
            return target;
        }
        DelayRelay relay = new DelayRelay(target, roundTrip / 2);
        relays.add(relay);
        return relay.port();
    }

    @Override
    public void close() throws IOException {
        for (DelayRelay relay : relays) {
            relay.close();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import io.httun.api.status.ChannelStatus;
import io.httun.api.status.ConnectionStatus;
import io.httun.api.status.FilterStatus;
import io.httun.api.status.ListenerStatus;
import io.httun.api.status.PipeStatus;
import io.httun.api.status.RefusalStatus;
import io.httun.api.status.SessionStatus;
import io.httun.api.status.StatusSnapshot;
import io.httun.api.status.TunStatus;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Makes rates of the counters in the model. Not thread-safe. */
final class Sampler {
    private static final String CLIENT = "client";
    private static final long THOUSANDTHS = 1000;

    private final Growth growth = new Growth();
    private long number;
    private long lastNanos;

    Sample sample(StatusSnapshot now, long nanos) {
        long period = Math.max(1, nanos - lastNanos);
        lastNanos = nanos;
        Map<String, Flow> flows = new HashMap<>();
        for (SessionStatus session : Sample.sessions(now)) {
            String key = Sample.key(session);
            boolean client = session.side().equals(CLIENT);
            flows.put(key, flow(key, period, session.bytesOut(), session.bytesIn(), client));
        }
        now.connections().forEach(connection -> {
            String key = Sample.key(connection);
            flows.put(key, flow(key, period, connection.bytesToTarget(), connection.bytesFromTarget(), true));
        });
        Sample sample = new Sample(now, flows, point(now, flows, period));
        growth.next();
        return sample;
    }

    private Flow flow(String key, long period, long sent, long received, boolean sentIsUp) {
        Flow flow = new Flow(rate(key + " sent", sent, period), rate(key + " received", received, period));
        return sentIsUp ? flow : new Flow(flow.down(), flow.up());
    }

    private long rate(String counter, long value, long period) {
        return perSecond(growth.of(counter, value), period);
    }

    private static long perSecond(long grown, long period) {
        return Math.round((double) grown * TimeUnit.SECONDS.toNanos(1) / period);
    }

    private HistoryPoint point(StatusSnapshot now, Map<String, Flow> flows, long period) {
        Set<String> listeners =
                now.listeners().stream().map(ListenerStatus::name).collect(Collectors.toSet());
        Flow entry = Flow.NONE;
        Flow exit = Flow.NONE;
        for (ConnectionStatus connection : now.connections()) {
            Flow flow = flows.get(Sample.key(connection));
            if (listeners.contains(connection.origin())) {
                entry = entry.plus(flow);
            } else {
                exit = exit.plus(flow);
            }
        }
        for (ConnectionStatus connection : now.closedConnections()) {
            Flow flow = ended(connection, period);
            if (listeners.contains(connection.origin())) {
                entry = entry.plus(flow);
            } else {
                exit = exit.plus(flow);
            }
        }
        return new HistoryPoint(
                ++number,
                now.time().toEpochMilli(),
                entry,
                channels(now, CLIENT, period),
                channels(now, "server", period),
                exit,
                tuns(now, period),
                now.connections().size(),
                now.sessions().size(),
                now.streams().size(),
                now.pipes().stream()
                        .mapToLong(PipeStatus::roundTripMicros)
                        .max()
                        .orElse(0),
                refusals(now.refusals().stream().mapToLong(RefusalStatus::count).sum(), "server", period),
                refusals(
                        now.listeners().stream()
                                .mapToLong(ListenerStatus::refused)
                                .sum(),
                        "listeners",
                        period),
                refusals(now.filters().stream().mapToLong(FilterStatus::denied).sum(), "filters", period));
    }

    /** The last bytes of a connection that has ended since the sample before. */
    private Flow ended(ConnectionStatus connection, long period) {
        String key = Sample.key(connection);
        return new Flow(
                perSecond(growth.ofEnded(key + " sent", connection.bytesToTarget()), period),
                perSecond(growth.ofEnded(key + " received", connection.bytesFromTarget()), period));
    }

    private Flow channels(StatusSnapshot now, String side, long period) {
        Flow all = Flow.NONE;
        for (ChannelStatus channel : now.channels()) {
            if (channel.side().equals(side)) {
                String key = "channel " + side + " " + channel.name();
                all = all.plus(flow(key, period, channel.bytesOut(), channel.bytesIn(), side.equals(CLIENT)));
            }
        }
        return all;
    }

    private Flow tuns(StatusSnapshot now, long period) {
        Flow all = Flow.NONE;
        for (TunStatus tun : now.tuns()) {
            all = all.plus(flow("tun " + tun.name(), period, tun.bytesIn(), tun.bytesOut(), true));
        }
        return all;
    }

    private long refusals(long count, String part, long period) {
        return perSecond(THOUSANDTHS * growth.of("refused by " + part, count), period);
    }
}

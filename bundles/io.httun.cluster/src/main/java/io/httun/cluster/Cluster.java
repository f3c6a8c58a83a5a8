// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.HttunException;
import io.httun.api.cluster.ChannelClosure;
import io.httun.api.cluster.ChannelTally;
import io.httun.api.cluster.ClusterMember;
import io.httun.api.cluster.NodeForwarder;
import io.httun.api.cluster.NodeServer;
import io.httun.api.crypto.SharedSecret;
import io.httun.api.status.DrainStatus;
import io.httun.api.status.NodeStatus;
import io.httun.api.status.Problem;
import io.httun.api.tunnel.EventLoops;
import io.httun.toolkit.listen.ListenAddress;
import io.httun.toolkit.status.LogLimiter;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jgroups.Address;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This server in its cluster, with one configuration. Everything happens on a thread of its own, which looks once a second what has changed here
 * and tells the others; what it knows is read on any thread.
 */
final class Cluster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
    private static final LogLimiter LIMITED = new LogLimiter(LOG);

    /** Half of the 2 s of traffic by which a quota may be exceeded. */
    private static final int TICK_MILLIS = 1000;
    /** For the rest, such as a channel's hash, that costs more, and as a sign of life to newer members. */
    private static final int FULL_TICKS = 5;

    private static final String NO_NUMBER =
            "node of io.httun.server is 0: each server of a cluster needs a number of its own, 1 to 255";

    private static final int END_SECONDS = 10;
    /** As a server's queues of a small machine; all bodies under way between members, in bytes. */
    private static final long BUDGET = 64L << 20;

    private final ClusterSettings settings;
    private final NodeServer server;
    private final SharedSecret hashKey;
    private final ClusterTls tls;
    private final StrangerLog strangers = new StrangerLog();
    private final ForwardCounts counts = new ForwardCounts();
    private final ForwardPort port;
    private final ClusterForwarder forwarder;
    private final NodeQuestions questions;
    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("httun-cluster", true));
    private final Map<String, ChannelTally> told = new HashMap<>();
    private final Map<String, ChannelClosure> toldClosures = new HashMap<>();
    private Membership membership;
    private Nodes<Address> nodes;
    private NodeState last;
    private int ticks;
    private boolean closing;
    /** What is known, for other threads; empty until this server has joined. */
    private volatile Optional<ClusterPicture> picture = Optional.empty();

    private volatile String problem = "";

    Cluster(ClusterSettings settings, NodeServer server, EventLoops loops) {
        this.settings = settings;
        this.server = server;
        this.hashKey = ClusterKey.derive(settings.key(), "channels");
        this.tls = ClusterTls.of(settings.key());
        MemoryBudget budget = new MemoryBudget(BUDGET);
        this.port = new ForwardPort(server, loops, tls, strangers, budget, counts);
        this.forwarder = new ClusterForwarder(loops, tls, budget, counts, server::node);
        this.questions = new NodeQuestions(
                forwarder, () -> picture.map(ClusterPicture::others).orElse(List.of()));
    }

    void start() {
        port.open(settings.forwarding());
        server.forwardBy(forwarder);
        thread.scheduleWithFixedDelay(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        try {
            if (membership == null) {
                join();
            } else if (ticks % FULL_TICKS == 0) {
                membership.lookUp();
            }
            if (membership != null) {
                problem = server.node() == 0 ? NO_NUMBER : "";
                publish(ticks % FULL_TICKS == 0);
            }
            ticks++;
        } catch (RuntimeException | LinkageError e) {
            // Anything that is thrown would end the ticks in silence.
            problem = "a look at the servers failed: " + e;
            LIMITED.error("tick", "Cluster: a look at the servers failed", e);
        }
    }

    private void join() {
        if (server.node() == 0) {
            refuse(NO_NUMBER);
            return;
        }
        Membership next = new Membership(settings, tls, strangers, new Membership.Listener() {
            @Override
            public void members(List<Address> members) {
                run(() -> changed(members));
            }

            @Override
            public void told(Address from, byte[] bytes, int offset, int length) {
                hear(from, bytes, offset, length);
            }
        });
        try {
            // The first view arrives before this returns, and waits for this thread.
            next.join();
            membership = next;
            nodes = new Nodes<>(next.self());
            problem = "";
            LOG.info("Cluster: node {} ({}) has joined", server.node(), settings.name());
        } catch (HttunException e) {
            next.close();
            refuse("cannot join at " + ListenAddress.text(settings.listen()) + ": " + e.getMessage());
        }
    }

    /** Once in the log, until it is fixed in the health. */
    private void refuse(String why) {
        if (!why.equals(problem)) {
            LOG.error("Cluster: {}; trying again", why);
        }
        problem = why;
    }

    private void run(Runnable change) {
        if (!thread.isShutdown()) {
            thread.execute(() -> {
                try {
                    // A group that could not be joined has nothing to tell.
                    if (nodes != null) {
                        change.run();
                    }
                } catch (RuntimeException e) {
                    LIMITED.error("change", "Cluster: a change was not taken", e);
                }
            });
        }
    }

    private void hear(Address from, byte[] bytes, int offset, int length) {
        try {
            if (ClosureList.is(bytes, offset, length)) {
                List<ChannelClosure> closures = ClosureList.decode(bytes, offset, length);
                run(() -> hear(closures));
                return;
            }
            NodeState state = NodeState.decode(bytes, offset, length);
            run(() -> {
                nodes.told(from, state);
                look();
            });
        } catch (NodeState.MalformedException e) {
            LIMITED.warn("malformed", "Cluster: {} sends {}", from, e.getMessage());
        }
    }

    /** All members have heard the same, so that it need not be said again. */
    private void hear(List<ChannelClosure> closures) {
        server.merge(closures);
        closures.forEach(each -> toldClosures.put(each.channel(), each));
    }

    private void changed(List<Address> members) {
        nodes.members(members);
        told.clear();
        toldClosures.clear();
        publish(true);
    }

    /** @param all also where nothing seems to have changed */
    private void publish(boolean all) {
        DrainStatus drain = server.drain();
        byte[] hash = all || last == null ? server.channelsHash(hashKey) : last.channels();
        List<ChannelTally> changed = new ArrayList<>();
        for (ChannelTally tally : server.tallies()) {
            if (!tally.equals(told.put(tally.channel(), tally))) {
                changed.add(tally);
            }
        }
        NodeState now = state(drain, hash, List.of());
        if (all || last == null || !now.isAs(last) || !changed.isEmpty()) {
            int from = 0;
            do {
                int to = Math.min(changed.size(), from + NodeState.MAX_TALLIES);
                membership.tell(state(drain, hash, changed.subList(from, to)).encode());
                from = to;
            } while (from < changed.size());
        }
        publishClosures();
        last = now;
        nodes.told(membership.self(), now);
        look();
    }

    private void publishClosures() {
        List<ChannelClosure> changed = server.closures().stream()
                .filter(each -> !each.equals(toldClosures.put(each.channel(), each)))
                .toList();
        for (int from = 0; from < changed.size(); from += ClosureList.MAX) {
            int to = Math.min(changed.size(), from + ClosureList.MAX);
            membership.tell(ClosureList.encode(changed.subList(from, to)));
        }
    }

    private NodeState state(DrainStatus drain, byte[] hash, List<ChannelTally> tallies) {
        return new NodeState(
                server.node(), settings.name(), settings.forwarding(), drain.state(), drain.sessions(), hash, tallies);
    }

    /** Puts to use what is known now. */
    private void look() {
        if (closing || last == null) {
            return;
        }
        ClusterPicture now = ClusterPicture.of(last, nodes);
        boolean known = picture.filter(before -> before.rival().isPresent()).isPresent();
        if (now.rival().isPresent() && !known) {
            LOG.error("Cluster: {}", now.taken());
        }
        Map<Integer, InetSocketAddress> reachable = new HashMap<>();
        now.owners().values().stream()
                .filter(each -> each.node() != last.node())
                .forEach(each -> reachable.put(each.node(), each.forwarding()));
        forwarder.use(reachable);
        server.countOthers(nodes.tallies(last.node()));
        picture = Optional.of(now);
    }

    List<ClusterMember> members() {
        return picture.map(ClusterPicture::members).orElse(List.of());
    }

    NodeQuestions questions() {
        return questions;
    }

    List<NodeStatus> nodes() {
        return picture.map(now -> now.rows(counts, questions::failure))
                .orElseGet(() -> List.of(new NodeStatus(
                        server.node(),
                        settings.name(),
                        ListenAddress.text(settings.forwarding()),
                        true,
                        NodeStatus.JOINING,
                        0,
                        0,
                        0,
                        "")));
    }

    List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        if (!problem.isEmpty()) {
            problems.add(
                    new Problem("cluster", problem, "correct io.httun.cluster or io.httun.server; it is tried again"));
        }
        if (!port.problem().isEmpty()) {
            problems.add(new Problem("cluster", port.problem(), "correct listen or forward.port of io.httun.cluster"));
        }
        picture.ifPresent(now -> problems.addAll(now.problems()));
        return problems;
    }

    /** Leaves the cluster: requests of other members' sessions are answered as to a stranger from now on. Idempotent; blocks for some seconds. */
    @Override
    public void close() {
        if (thread.isShutdown()) {
            return;
        }
        server.forwardBy(NodeForwarder.NONE);
        thread.execute(() -> {
            closing = true;
            if (membership != null) {
                membership.close();
            }
        });
        thread.shutdown();
        try {
            if (!thread.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("Cluster: not left after {} s", END_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        forwarder.close();
        port.close();
        server.countOthers(nodes == null ? List.of() : nodes.tallies(0));
    }
}

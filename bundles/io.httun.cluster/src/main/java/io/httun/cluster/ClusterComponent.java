// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.cluster.ClusterAnswer;
import io.httun.api.cluster.ClusterMember;
import io.httun.api.cluster.ClusterMembers;
import io.httun.api.cluster.NodeServer;
import io.httun.api.config.ConfigException;
import io.httun.api.status.NodeStatus;
import io.httun.api.status.Problem;
import io.httun.api.status.SessionStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.tunnel.EventLoops;
import io.httun.toolkit.config.LiveSettings;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** The cluster as a component. A changed configuration, or another key in its file, has the server leave and join again. */
@Component(
        immediate = true,
        service = {ClusterMembers.class, StatusSource.class},
        configurationPid = "io.httun.cluster",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ClusterConfig.class)
public final class ClusterComponent implements ClusterMembers, StatusSource {
    private final NodeServer server;
    private final EventLoops loops;
    private final LiveSettings<ClusterSettings> settings;
    private volatile Cluster cluster;

    /** @throws ConfigException if the configuration is wrong */
    @Activate
    public ClusterComponent(@Reference NodeServer server, @Reference EventLoops loops, Map<String, Object> properties) {
        this.server = server;
        this.loops = loops;
        this.settings = new LiveSettings<>(now -> "the cluster", ClusterSettings::read, properties);
    }

    @Activate
    public void start() {
        join(settings.get());
        settings.start(this::change);
    }

    private synchronized void change(ClusterSettings next) {
        cluster.close();
        join(next);
    }

    private synchronized void join(ClusterSettings wanted) {
        Cluster next = new Cluster(wanted, server, loops);
        cluster = next;
        next.start();
    }

    @Modified
    void modified(Map<String, Object> properties) {
        settings.update(properties);
    }

    @Deactivate
    public void stop() {
        settings.close();
        synchronized (this) {
            cluster.close();
        }
    }

    @Override
    public List<ClusterMember> members() {
        return cluster.members();
    }

    @Override
    public CompletableFuture<ClusterAnswer<SessionStatus>> askSessions() {
        return cluster.questions().sessions();
    }

    @Override
    public CompletableFuture<ClusterAnswer<ClusterMember>> askToClose(String id) {
        return cluster.questions().close(id);
    }

    @Override
    public List<SessionStatus> nodeSessions() {
        return cluster.questions().rows();
    }

    @Override
    public List<NodeStatus> nodes() {
        return cluster.nodes();
    }

    @Override
    public List<Problem> problems() {
        return Stream.concat(settings.problems().stream(), cluster.problems().stream())
                .toList();
    }
}

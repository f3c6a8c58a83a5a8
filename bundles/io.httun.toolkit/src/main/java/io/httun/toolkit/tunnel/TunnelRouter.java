// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.tunnel;

import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.api.tunnel.TunnelService;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/**
 * Receives the requests of an endpoint and passes them to the current {@link TunnelService}s by their
 * {@linkplain TunnelService#PATH path}. A path that is not mounted belongs to the server, which has none. One per endpoint; thread-safe.
 */
public final class TunnelRouter implements TunnelService {
    private record Mount(TunnelService service, String path, int ranking, long id) {
        /** The most specific path first; of several with one path, the one that the framework prefers. */
        static final Comparator<Mount> ORDER = Comparator.comparing((Mount mount) -> -mount.path.length())
                .thenComparing(mount -> -(long) mount.ranking)
                .thenComparing(Mount::id);

        boolean holds(String requested) {
            return requested.startsWith(path)
                    && (requested.length() == path.length() || requested.charAt(path.length()) == '/');
        }
    }

    private volatile List<Mount> mounts = List.of();

    /**
     * Adds a service.
     *
     * @param properties the service's own
     */
    public void add(TunnelService service, Map<String, ?> properties) {
        update(service, properties);
    }

    /**
     * Has a service that is there already with other properties; no request misses it meanwhile.
     *
     * @param properties the service's own
     */
    public synchronized void update(TunnelService service, Map<String, ?> properties) {
        Mount mount = new Mount(
                service,
                properties.get(PATH) instanceof String path ? path : "",
                properties.get("service.ranking") instanceof Integer ranking ? ranking : 0,
                properties.get("service.id") instanceof Long id ? id : 0);
        mounts = Stream.concat(mounts.stream().filter(other -> other.service != service), Stream.of(mount))
                .sorted(Mount.ORDER)
                .toList();
    }

    /** Takes a service away; requests that wait in it are its own to answer. */
    public synchronized void remove(TunnelService service) {
        mounts = mounts.stream().filter(mount -> mount.service != service).toList();
    }

    /** Whether the tunnel server itself is there. */
    public boolean hasServer() {
        return mounts.stream().anyMatch(mount -> mount.path.isEmpty());
    }

    /** {@inheritDoc} Answers {@link TunnelReply#unavailable()} while there is no service for the path. */
    @Override
    public CompletionStage<TunnelReply> handle(TunnelRequest request) {
        for (Mount mount : mounts) {
            if (mount.path.isEmpty()) {
                return mount.service.handle(request);
            }
            if (mount.holds(request.path())) {
                return mount.service.handle(request.below(mount.path));
            }
        }
        request.body().release();
        return CompletableFuture.completedFuture(TunnelReply.unavailable());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.tunnel.Carrier;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.api.tunnel.TunnelService;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletableFuture;

/** Decides what answers a request: the site, the tunnel, or neither. Thread-safe. */
final class Dispatcher {
    private final String base;
    private final Site site;
    private final TunnelService tunnel;

    Dispatcher(String base, Site site, TunnelService tunnel) {
        this.base = base;
        this.site = site;
        this.tunnel = tunnel;
    }

    /** @param body ownership passes */
    CompletableFuture<TunnelReply> dispatch(
            RequestLine line, String authorization, ByteBuf body, Carrier carrier, TunnelRequest.Details details) {
        TunnelReply page = line.mayBePage() ? site.find(line.path()) : null;
        if (page != null) {
            body.release();
            return CompletableFuture.completedFuture(page);
        }
        if (!line.mayBeTunnel() || !isBelowBase(line.path())) {
            body.release();
            return CompletableFuture.completedFuture(TunnelReply.refused());
        }
        return tunnel.handle(new TunnelRequest(
                        line.method(),
                        line.path().substring(base.length()),
                        line.query(),
                        authorization,
                        body,
                        carrier,
                        details))
                .toCompletableFuture();
    }

    private boolean isBelowBase(String path) {
        return path.startsWith(base) && (path.length() == base.length() || path.charAt(base.length()) == '/');
    }

    Site site() {
        return site;
    }
}

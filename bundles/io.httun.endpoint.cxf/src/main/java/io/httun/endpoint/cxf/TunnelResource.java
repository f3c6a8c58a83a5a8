// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.cxf;

import io.httun.api.tunnel.Carriers;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.api.tunnel.TunnelService;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import javax.servlet.http.HttpServletRequest;
import javax.ws.rs.DELETE;
import javax.ws.rs.GET;
import javax.ws.rs.POST;
import javax.ws.rs.PUT;
import javax.ws.rs.Path;
import javax.ws.rs.container.AsyncResponse;
import javax.ws.rs.container.CompletionCallback;
import javax.ws.rs.container.ConnectionCallback;
import javax.ws.rs.container.Suspended;
import javax.ws.rs.core.Context;
import javax.ws.rs.core.Response;

/** Every path below the base. A request that waits holds no thread. */
@Path("{path: .*}")
public final class TunnelResource {
    /** Longer than any wait of the server: ends only requests that would never end. */
    private static final int MAX_WAIT_SECONDS = 30;

    private static final int RELEASE_SECONDS = 2;

    private final String base;
    private final TunnelService server;
    private final Carriers carriers = new Carriers();
    private final Map<AsyncResponse, CompletableFuture<Void>> waiting = new ConcurrentHashMap<>();
    private final LongAdder requests = new LongAdder();
    private volatile boolean released;

    TunnelResource(String base, TunnelService server) {
        this.base = base;
        this.server = server;
    }

    @GET
    public void read(@Context HttpServletRequest request, @Suspended AsyncResponse response) {
        handle(request, Unpooled.EMPTY_BUFFER, response);
    }

    @DELETE
    public void delete(@Context HttpServletRequest request, @Suspended AsyncResponse response) {
        write(request, response);
    }

    @PUT
    public void put(@Context HttpServletRequest request, @Suspended AsyncResponse response) {
        write(request, response);
    }

    @POST
    public void write(@Context HttpServletRequest request, @Suspended AsyncResponse response) {
        RequestBytes body = RequestBytes.of(request);
        if (body instanceof RequestBytes.Refused refused) {
            resume(response, refused.reply());
        } else {
            handle(request, body instanceof RequestBytes.Whole whole ? whole.bytes() : Unpooled.EMPTY_BUFFER, response);
        }
    }

    private void handle(HttpServletRequest request, ByteBuf body, AsyncResponse response) {
        requests.increment();
        CompletableFuture<TunnelReply> reply = server.handle(new TunnelRequest(
                        request.getMethod(),
                        request.getRequestURI().substring(base.length()),
                        Objects.requireNonNullElse(request.getQueryString(), ""),
                        Objects.requireNonNullElse(request.getHeader("Authorization"), ""),
                        body,
                        carriers.of(request.getRemoteAddr(), request.getRemotePort()),
                        () -> Collections.list(request.getHeaderNames()).stream()
                                .map(name -> Map.entry(name, request.getHeader(name)))
                                .toList()))
                .toCompletableFuture();
        if (!reply.isDone()) {
            CompletableFuture<Void> answered = new CompletableFuture<>();
            waiting.put(response, answered);
            response.setTimeout(MAX_WAIT_SECONDS, TimeUnit.SECONDS);
            response.setTimeoutHandler(late ->
                    late.resume(Uniform.toResponse(TunnelReply.unavailable()).build()));
            response.register((ConnectionCallback) gone -> reply.cancel(false));
            response.register((CompletionCallback) failure -> {
                waiting.remove(response);
                answered.complete(null);
                reply.cancel(false);
            });
        }
        reply.thenAccept(answer -> resume(response, answer));
        if (released) {
            resume(response, TunnelReply.unavailable());
        }
    }

    private void resume(AsyncResponse response, TunnelReply reply) {
        Answer answer = new Answer(reply);
        Response.ResponseBuilder http = Uniform.toResponse(reply);
        if (reply.body().isReadable()) {
            http.entity(answer);
            response.register((CompletionCallback) failure -> answer.giveUp());
        }
        if (!response.resume(http.build())) {
            answer.giveUp();
        }
    }

    /**
     * Answers 503 to all waiting and all later requests: the endpoint stops, sessions continue. Returns when the answers have
     * been written by the servlet, or after {@value #RELEASE_SECONDS} s.
     */
    void release() {
        released = true;
        CompletableFuture<?>[] answered = waiting.values().toArray(CompletableFuture[]::new);
        waiting.keySet().forEach(response -> resume(response, TunnelReply.unavailable()));
        CompletableFuture.allOf(answered)
                .completeOnTimeout(null, RELEASE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    long requests() {
        return requests.sum();
    }

    int waiting() {
        return waiting.size();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An endpoint, alone or behind a web server. Each test class is one way to be reached. */
abstract class EndpointRig {
    static final Duration LIMIT = Duration.ofSeconds(30);
    static final int MIB = 1 << 20;

    @TempDir
    Path folder;

    final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    final EventLoops loops = () -> group;
    final List<TunnelRequest> requests = new CopyOnWriteArrayList<>();
    final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    Endpoint endpoint;
    WebServer web;
    String base;

    /** Starts the endpoint; called again after it has gone. */
    abstract Endpoint endpoint();

    /** Starts the web server in front of it; null if there is none. */
    WebServer webServer() {
        return null;
    }

    /** The endpoint's own base URL. */
    String url() {
        return "";
    }

    @BeforeEach
    void start() throws IOException {
        // Web servers run as somebody else.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        endpoint = endpoint();
        web = webServer();
        base = web == null ? url() : web.url();
    }

    @AfterEach
    void stop() {
        if (web != null) {
            web.close();
        }
        if (endpoint != null) {
            endpoint.close();
        }
        requests.forEach(request -> request.body().release());
        group.shutdownGracefully();
    }

    boolean direct() {
        return web == null;
    }

    void answer(CompletionStage<TunnelReply> reply) {
        endpoint.serve(request -> {
            requests.add(request);
            return reply;
        });
    }

    static TunnelReply reply(int status, String text) {
        return reply(status, text, TunnelReply.Delivery.UNTRACKED);
    }

    static TunnelReply reply(int status, String text, TunnelReply.Delivery delivery) {
        return new TunnelReply(
                status,
                List.of(TunnelReply.NO_STORE, Map.entry("content-type", "application/octet-stream")),
                Unpooled.wrappedBuffer(text.getBytes()),
                delivery);
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path));
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    CompletableFuture<HttpResponse<String>> sendAsync(String path) {
        return client.sendAsync(request(path).build(), BodyHandlers.ofString());
    }

    static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** Whether whoever is in front can pass on a body before it knows its length; tunnel clients send none. */
    boolean alwaysPassesChunkedBodies() {
        return true;
    }

    /** Whether whoever is in front watches its client while an answer is awaited. */
    boolean noticesLostClients() {
        return false;
    }

    /** Whether a new endpoint is where the old one was. */
    boolean comesBack() {
        return false;
    }
}

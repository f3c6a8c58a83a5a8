// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/**
 * The JDK's web server. {@code /headers} returns the request's head, {@code /bytes/N} N bytes with a length, {@code
 * /chunked/N} without, {@code /script/N} a script that counts in a browser, {@code /echo} the request's body.
 */
final class WebTarget implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    final Set<InetSocketAddress> connections = ConcurrentHashMap.newKeySet();

    WebTarget() throws IOException {
        this(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100));
    }

    private WebTarget(HttpServer server) {
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            connections.add(exchange.getRemoteAddress());
            String path = exchange.getRequestURI().getPath();
            exchange.getResponseHeaders().add("Keep-Alive", "timeout=5");
            if (path.startsWith("/bytes/")) {
                int length = Integer.parseInt(path.substring("/bytes/".length()));
                exchange.sendResponseHeaders(200, length == 0 ? -1 : length);
                send(exchange.getResponseBody(), length);
            } else if (path.startsWith("/chunked/")) {
                exchange.sendResponseHeaders(200, 0);
                send(exchange.getResponseBody(), Integer.parseInt(path.substring("/chunked/".length())));
            } else if (path.startsWith("/script/")) {
                byte[] script = "window.n = (window.n || 0) + 1".getBytes(StandardCharsets.US_ASCII);
                exchange.sendResponseHeaders(200, script.length);
                exchange.getResponseBody().write(script);
            } else if (path.equals("/echo")) {
                byte[] body = exchange.getRequestBody().readAllBytes();
                exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
                exchange.getResponseBody().write(body);
            } else {
                byte[] text = (exchange.getRequestMethod()
                                + ' '
                                + exchange.getRequestURI()
                                + '\n'
                                + new TreeMap<>(exchange.getRequestHeaders())
                                + '\n')
                        .getBytes(StandardCharsets.US_ASCII);
                boolean head = exchange.getRequestMethod().equals("HEAD");
                exchange.sendResponseHeaders(
                        path.equals("/none") ? 204 : 200, head || path.equals("/none") ? -1 : text.length);
                if (!head && !path.equals("/none")) {
                    exchange.getResponseBody().write(text);
                }
            }
            exchange.close();
        });
        server.start();
    }

    static WebTarget overTls(SSLContext tls) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        return new WebTarget(server);
    }

    private static void send(OutputStream out, int length) throws IOException {
        byte[] block = new byte[8192];
        for (int sent = 0; sent < length; sent += block.length) {
            out.write(block, 0, Math.min(block.length, length - sent));
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.tunnel.PathReport;
import io.httun.toolkit.jdk.Sha256;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** The findings of a {@link PathProbe} so far. Confined to the probe's thread. */
final class ProbeFindings {
    /** A stranger cannot tell an httun server from others. */
    static final String UNKNOWN_SERVER = "a server that answers strangers as httun does";

    /** Reply headers of an httun server. */
    private static final Set<String> OWN_HEADERS =
            Set.of("cache-control", "content-type", "content-length", "connection", "keep-alive", "date");

    private static final Set<String> HOP_BY_HOP =
            Set.of("connection", "keep-alive", "te", "upgrade", "proxy-authorization", "authorization", "cookie");

    private final ServerUrl url;
    private final String proxy;
    private String certificate = "";

    String problem = "";
    List<String> addresses = List.of();
    double dnsMillis = -1;
    String tls = "";
    String issuer = "";
    String intercepted = "";
    String server = "";
    String head = "";
    String firstByte = "";
    String first64KiB = "";
    boolean get;
    boolean post;
    int largestRequest = -1;
    int largestReply = -1;
    List<String> added = List.of();
    List<String> changed = List.of();
    List<String> removed = List.of();
    List<String> replyAdded = List.of();
    int parallel = -1;
    int keptRequests = -1;
    int idleSeconds = -1;
    int waitSeconds = -1;
    double roundTripMillis = -1;
    long skewSeconds;
    double toServer = -1;
    double fromServer = -1;

    ProbeFindings(ClientSettings settings, ServerUrl url) {
        this.url = url;
        WayOut way = settings.wayOut();
        this.proxy = way.connector().isEmpty()
                ? "none"
                : way.connector() + (way.forwards(url) ? ", which forwards requests" : ", by a connection through it");
    }

    void tls(Channel channel) {
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        if (handler == null) {
            tls = "none";
            intercepted = url.tls() ? "unknown" : "";
            return;
        }
        SSLSession session = handler.engine().getSession();
        tls = session.getProtocol();
        intercepted = "unknown";
        try {
            Certificate shown = session.getPeerCertificates()[0];
            certificate = Sha256.hex(shown.getEncoded());
            issuer = shown instanceof X509Certificate x509
                    ? x509.getIssuerX500Principal().getName()
                    : "";
        } catch (SSLPeerUnverifiedException e) {
            issuer = "none";
        } catch (CertificateEncodingException e) {
            issuer = "unreadable: " + e.getMessage();
        }
    }

    void skew(long serverMillis) {
        skewSeconds = Math.round((System.currentTimeMillis() - serverMillis) / 1000.0);
    }

    void replyHeaders(HttpHeaders headers) {
        Set<String> names = new TreeSet<>();
        headers.names().forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
        names.removeAll(OWN_HEADERS);
        replyAdded = List.copyOf(names);
    }

    /** @param arrived the headers in the server's report; empty if its endpoint does not report them */
    void requestHeaders(String sent, String arrived) {
        Map<String, String> ours = lines(sent);
        Map<String, String> theirs = lines(arrived);
        String shown = theirs.remove(":certificate");
        if (shown != null && !certificate.isEmpty()) {
            intercepted = shown.equals(certificate) ? "no" : "yes";
        }
        if (theirs.isEmpty()) {
            return;
        }
        added = theirs.keySet().stream()
                .filter(name -> !ours.containsKey(name) && !HOP_BY_HOP.contains(name))
                .sorted()
                .toList();
        removed = ours.keySet().stream()
                .filter(name -> !theirs.containsKey(name) && !HOP_BY_HOP.contains(name))
                .sorted()
                .toList();
        changed = ours.entrySet().stream()
                .filter(line -> theirs.containsKey(line.getKey()) && !HOP_BY_HOP.contains(line.getKey()))
                .filter(line -> !line.getValue().equals(theirs.get(line.getKey())))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /** Returns the names in lower case. */
    private static Map<String, String> lines(String text) {
        Map<String, String> lines = new LinkedHashMap<>();
        text.lines().forEach(line -> {
            int colon = line.indexOf(':', 1);
            if (colon > 0) {
                lines.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
        });
        return lines;
    }

    PathReport report() {
        return new PathReport(
                url.toString(),
                problem,
                addresses,
                dnsMillis,
                proxy,
                tls,
                issuer,
                intercepted,
                server,
                head,
                firstByte,
                first64KiB,
                get,
                post,
                largestRequest,
                largestReply,
                added,
                changed,
                removed,
                replyAdded,
                parallel,
                keptRequests,
                idleSeconds,
                waitSeconds,
                roundTripMillis,
                skewSeconds,
                toServer,
                fromServer,
                ProbeAdvice.of(this));
    }
}

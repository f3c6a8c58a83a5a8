// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.tunnel.TunnelRequest;
import io.httun.toolkit.jdk.Sha256;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.util.List;
import java.util.Map;

/** What an HTTP/1.1 request reveals about the proxies on its path. */
record Http1Details(HttpHeaders received, Channel channel, boolean takesRest) implements TunnelRequest.Details {
    @Override
    public List<Map.Entry<String, String>> headers() {
        return received.entries();
    }

    @Override
    public String certificate() {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        Certificate[] own = tls == null ? null : tls.engine().getSession().getLocalCertificates();
        if (own == null || own.length == 0) {
            return "";
        }
        try {
            return Sha256.hex(own[0].getEncoded());
        } catch (CertificateEncodingException e) {
            return "";
        }
    }
}

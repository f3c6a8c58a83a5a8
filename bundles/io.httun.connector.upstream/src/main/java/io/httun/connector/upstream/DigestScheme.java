// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** HTTP Digest (RFC 7616), or its predecessor RFC 2069 if a proxy sends no {@code qop}. */
final class DigestScheme implements LoginScheme {
    private static final int MAX_NONCES = 3;

    private final ProxyCredentials credentials;
    private DigestChallenge digest;
    private int nonces;

    DigestScheme(ProxyCredentials credentials, DigestChallenge digest) {
        this.credentials = credentials;
        this.digest = digest;
    }

    /** Only a stale nonce is replaced; any other challenge means a wrong login. */
    @Override
    public boolean goesOn(List<ProxyChallenge> challenges) {
        Optional<DigestChallenge> next = DigestChallenge.choose(challenges);
        boolean stale = next.isPresent()
                && next.get().challenge().parameter("stale").equalsIgnoreCase("true")
                && ++nonces < MAX_NONCES;
        if (stale) {
            digest = next.get();
        }
        return stale;
    }

    @Override
    public String authorization(String method, String uri) {
        ProxyChallenge challenge = digest.challenge();
        String realm = challenge.parameter("realm");
        String nonce = challenge.parameter("nonce");
        String count = HexFormat.of().toHexDigits(digest.count().incrementAndGet());
        String user = credentials.user();
        boolean hashed = challenge.parameter("userhash").equalsIgnoreCase("true");
        String secret = hash(user + ':' + realm + ':' + credentials.password());
        if (digest.isSession()) {
            secret = hash(secret + ':' + nonce + ':' + digest.cnonce());
        }
        String request = hash(method + ':' + uri);
        String middle = digest.qop() ? ':' + count + ':' + digest.cnonce() + ":auth:" : ":";
        StringBuilder header = new StringBuilder("Digest ");
        quoted(header, "username", hashed ? hash(user + ':' + realm) : user);
        quoted(header, "realm", realm);
        quoted(header, "nonce", nonce);
        quoted(header, "uri", uri);
        quoted(header, "response", hash(secret + ':' + nonce + middle + request));
        if (!challenge.parameter("opaque").isEmpty()) {
            quoted(header, "opaque", challenge.parameter("opaque"));
        }
        if (!digest.algorithm().isEmpty()) {
            header.append("algorithm=").append(digest.algorithm()).append(", ");
        }
        if (hashed) {
            header.append("userhash=true, ");
        }
        if (digest.qop()) {
            header.append("qop=auth, nc=").append(count).append(", ");
        }
        if (digest.qop() || digest.isSession()) {
            quoted(header, "cnonce", digest.cnonce());
        }
        return header.substring(0, header.length() - 2);
    }

    private static void quoted(StringBuilder header, String name, String value) {
        header.append(name)
                .append("=\"")
                .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
                .append("\", ");
    }

    private String hash(String text) {
        boolean utf8 = digest.challenge().parameter("charset").equalsIgnoreCase("UTF-8");
        Charset charset = utf8 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance(digest.hash()).digest(text.getBytes(charset)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no " + digest.hash(), e);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.tunnel;

import io.httun.api.config.ConfigException;
import io.httun.api.crypto.SharedSecret;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * All that a client needs to know of a channel, in one line: {@code httun://HOST[:PORT][/PATH]#NAME:ID:SECRET}, with {@code httuns}
 * for https, and the secret in base64url. It is external input, usually pasted: {@link #parse} takes nothing that
 * could name a file, break a line of a configuration or show the secret in a message.
 *
 * @param url {@code http://} or {@code https://}, without user, query and fragment
 * @param name 1 to 64 of A-Z a-z 0-9 - _ ., the first a letter or digit: it becomes part of file names
 * @param id channel id, 0 to 32767
 */
public record TunnelLink(String url, String name, int id, SharedSecret secret) {
    private static final String PROPERTY = "link";
    private static final int MAX_LENGTH = 2048;
    private static final int MAX_ID = 32_767;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Pattern LINK = Pattern.compile("httun(s?)(://[^#\\s]+)#([^:]*):([^:]*):([^:]*)(:.*)?");
    /** 32 bytes. */
    private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]");

    private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9_-]+)*/?");

    /** @throws ConfigException with what is wrong, and what to do; never with a secret */
    public static TunnelLink parse(String text) {
        String link = text.strip();
        if (link.length() > MAX_LENGTH) {
            throw wrong("has " + link.length() + " characters, more than the " + MAX_LENGTH + " that one may have");
        }
        Matcher matcher = LINK.matcher(link);
        if (!matcher.matches()) {
            throw wrong("is not httun://HOST/PATH#NAME:ID:SECRET");
        }
        String url = "http" + matcher.group(1) + matcher.group(2);
        checkUrl(PROPERTY, url);
        if (!isName(matcher.group(3))) {
            throw wrong("has a channel name that is not 1 to 64 of A-Z a-z 0-9 - _ . with a letter or digit first");
        }
        if (matcher.group(6) != null) {
            throw wrong("is from a newer version, with more parts than NAME:ID:SECRET: update httun here");
        }
        if (!matcher.group(4).matches("[0-9]{1,5}") || Integer.parseInt(matcher.group(4)) > MAX_ID) {
            throw wrong("has a channel id that is not 0 to " + MAX_ID);
        }
        if (!SECRET.matcher(matcher.group(5)).matches()) {
            throw wrong("has a secret of " + matcher.group(5).length() + " characters, expected 43 of base64url");
        }
        byte[] secret = Base64.getUrlDecoder().decode(matcher.group(5));
        return new TunnelLink(
                url.replaceAll("/+$", ""),
                matcher.group(3),
                Integer.parseInt(matcher.group(4)),
                SharedSecret.ofHex(HexFormat.of().formatHex(secret)));
    }

    private static ConfigException wrong(String what) {
        return new ConfigException(
                "The link " + what + "; copy it again, whole and in single quotes, as the server printed it");
    }

    /** Whether a channel of this name can be invited to. */
    public static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /** @throws ConfigException naming the property, unless it is a URL that a link can hold */
    public static void checkUrl(String property, String url) {
        try {
            URI uri = new URI(url);
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (http
                    && uri.getHost() != null
                    && uri.getRawUserInfo() == null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null
                    && uri.getPort() <= 65_535
                    && PATH.matcher(uri.getRawPath()).matches()) {
                return;
            }
        } catch (URISyntaxException e) {
            throw wrongUrl(property, url);
        }
        throw wrongUrl(property, url);
    }

    private static ConfigException wrongUrl(String property, String url) {
        return new ConfigException(
                property,
                url.replaceAll("//[^/@]*@", "//***@").replaceAll("\\p{Cntrl}", "?"),
                "must be http://HOST[:PORT][/PATH] or https://..., with a path of A-Z a-z 0-9 - _ and without user, ? and #");
    }

    /** Contains the secret: show it only to its user. */
    public String text() {
        byte[] bytes = secret.toBytes();
        return "httun" + url.substring("http".length()) + '#' + name + ':' + id + ':'
                + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "httun" + url.substring("http".length()) + '#' + name + ':' + id + ":***";
    }
}

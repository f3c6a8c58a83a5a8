// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.config.BasicCredentials;
import io.httun.api.proxy.ProxyConversation;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What is known of one proxy's wishes about logins, shared by all connections to it: a scheme that it once asked for is used from the first
 * request on. Thread-safe.
 */
final class Login {
    private final Proxy proxy;
    private final Optional<Credentials> credentials;
    private final List<LoginMethod> methods;
    /** Begins the scheme on a new connection; null before the first challenge. */
    private volatile Supplier<Scheme> remembered;

    Login(Proxy proxy, Optional<Credentials> credentials, List<LoginMethod> methods) {
        this.proxy = proxy;
        this.credentials = credentials;
        this.methods = methods;
    }

    ProxyConversation converse() {
        return new Conversation();
    }

    private Optional<Supplier<Scheme>> choose(List<Challenge> challenges) {
        return credentials.flatMap(mine -> methods.stream()
                .map(method -> begin(method, mine, challenges))
                .flatMap(Optional::stream)
                .findFirst());
    }

    private static Optional<Supplier<Scheme>> begin(LoginMethod method, Credentials mine, List<Challenge> challenges) {
        return switch (method) {
            case DIGEST -> Digest.choose(challenges).map(digest -> () -> new DigestScheme(mine, digest));
            case NTLM -> has(challenges, "ntlm") ? Optional.of(() -> new NtlmScheme(mine)) : Optional.empty();
            case BASIC -> has(challenges, "basic") ? Optional.of(() -> basic(mine)) : Optional.empty();
        };
    }

    private static boolean has(List<Challenge> challenges, String scheme) {
        return challenges.stream().anyMatch(challenge -> challenge.scheme().equals(scheme));
    }

    private static Scheme basic(Credentials mine) {
        String value = new BasicCredentials(mine.user(), mine.password()).headerValue();
        return new Scheme() {
            @Override
            public String authorization(String method, String uri) {
                return value;
            }

            @Override
            public boolean goesOn(List<Challenge> challenges) {
                return false;
            }
        };
    }

    /** Belongs to one connection. */
    private final class Conversation implements ProxyConversation {
        private final Supplier<Scheme> first = remembered;
        private Scheme scheme = first == null ? null : first.get();
        private boolean answered;
        private String refusal = "";

        @Override
        public String authorization(String method, String uri) {
            return scheme == null ? "" : scheme.authorization(method, uri);
        }

        @Override
        public boolean isReady() {
            return scheme == null || scheme.isReady();
        }

        @Override
        public boolean challenged(List<String> values) {
            List<Challenge> challenges = Challenge.parse(values);
            if (scheme != null && scheme.goesOn(challenges)) {
                return true;
            }
            Optional<Supplier<Scheme>> choice = choose(challenges);
            if (choice.isEmpty() || answered) {
                remembered = null;
                refusal = why(challenges, choice.isPresent());
                return false;
            }
            // Once: a login that was remembered may be out of date, one that is new is right or wrong.
            answered = scheme == null || first == null || remembered != first;
            remembered = choice.get();
            scheme = remembered.get();
            return true;
        }

        private String why(List<Challenge> challenges, boolean tried) {
            String offered =
                    challenges.stream().map(Challenge::scheme).distinct().collect(Collectors.joining(", "));
            if (tried) {
                return proxy + " refuses the login that credentials.file has for it (407, " + offered + ")";
            }
            return proxy + " wants a login (407) by " + (offered.isEmpty() ? "no known scheme" : offered)
                    + (credentials.isEmpty()
                            ? "; credentials.file has none for it"
                            : "; auth.methods allows none of these");
        }

        @Override
        public String refusal() {
            return refusal;
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.proxy.ProxyConversation;
import io.httun.toolkit.config.BasicCredentials;
import io.httun.toolkit.status.Trouble;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The login state of one proxy, shared by all its connections: a scheme that the proxy once asked for is used from
 * the first request on. Thread-safe.
 */
final class ProxyLogin {
    private final UpstreamProxy proxy;
    private final Optional<ProxyCredentials> credentials;
    private final List<LoginMethod> methods;
    /** Starts the scheme on a new connection; null before the first challenge. */
    private volatile Supplier<LoginScheme> remembered;

    ProxyLogin(UpstreamProxy proxy, Optional<ProxyCredentials> credentials, List<LoginMethod> methods) {
        this.proxy = proxy;
        this.credentials = credentials;
        this.methods = methods;
    }

    ProxyConversation converse() {
        return new Conversation();
    }

    private Optional<Supplier<LoginScheme>> choose(List<ProxyChallenge> challenges) {
        return credentials.flatMap(mine -> methods.stream()
                .map(method -> begin(method, mine, challenges))
                .flatMap(Optional::stream)
                .findFirst());
    }

    private static Optional<Supplier<LoginScheme>> begin(
            LoginMethod method, ProxyCredentials mine, List<ProxyChallenge> challenges) {
        return switch (method) {
            case DIGEST -> DigestChallenge.choose(challenges).map(digest -> () -> new DigestScheme(mine, digest));
            case NTLM -> has(challenges, "ntlm") ? Optional.of(() -> new NtlmScheme(mine)) : Optional.empty();
            case BASIC -> has(challenges, "basic") ? Optional.of(() -> basic(mine)) : Optional.empty();
        };
    }

    private static boolean has(List<ProxyChallenge> challenges, String scheme) {
        return challenges.stream().anyMatch(challenge -> challenge.scheme().equals(scheme));
    }

    private static LoginScheme basic(ProxyCredentials mine) {
        String value = new BasicCredentials(mine.user(), mine.password()).headerValue();
        return new LoginScheme() {
            @Override
            public String authorization(String method, String uri) {
                return value;
            }

            @Override
            public boolean goesOn(List<ProxyChallenge> challenges) {
                return false;
            }
        };
    }

    /** The login on one connection. */
    private final class Conversation implements ProxyConversation {
        private final Supplier<LoginScheme> first = remembered;
        private LoginScheme scheme = first == null ? null : first.get();
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
            List<ProxyChallenge> challenges = ProxyChallenge.parse(values);
            if (scheme != null && scheme.goesOn(challenges)) {
                return true;
            }
            Optional<Supplier<LoginScheme>> choice = choose(challenges);
            if (choice.isEmpty() || answered) {
                remembered = null;
                refusal = why(challenges, choice.isPresent());
                return false;
            }
            // At most one repetition: a remembered login may be stale, a new one is right or wrong.
            answered = scheme == null || first == null || remembered != first;
            remembered = choice.get();
            scheme = remembered.get();
            return true;
        }

        private String why(List<ProxyChallenge> challenges, boolean tried) {
            String offered =
                    challenges.stream().map(ProxyChallenge::scheme).distinct().collect(Collectors.joining(", "));
            if (tried) {
                return Trouble.PROXY_LOGIN_WRONG.after(
                        proxy + " rejects the login of credentials.file (407, " + offered + ")");
            }
            return Trouble.PROXY_LOGIN.after(
                    proxy + " requires a login (407) by " + (offered.isEmpty() ? "no known scheme" : offered)
                            + (credentials.isEmpty()
                                    ? "; credentials.file has none for it"
                                    : "; auth.methods allows none of these"));
        }

        @Override
        public String refusal() {
            return refusal;
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import io.httun.toolkit.login.LoginLimiter;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import javax.servlet.http.HttpServletResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns a password or a token into a session. Wrong ones are limited for each source, as at listeners. Thread-safe. */
final class PageLogin {
    /** Knows users by their passwords. */
    @FunctionalInterface
    interface Roles {
        /** The user's roles; empty if the login is refused. May block. */
        Optional<Set<String>> of(String user, String password);
    }

    private static final Logger LOG = LoggerFactory.getLogger(PageLogin.class);
    private static final int TOO_MANY_REQUESTS = 429;

    /** A realm may hash slowly: so many at once, for the sake of the web server's threads. */
    private static final int AT_ONCE = 4;

    /** Whose name a session by token has. */
    static final String BY_TOKEN = "console";

    private final Supplier<WebSettings> settings;
    private final Roles roles;
    private final PageSessions sessions;
    private final OneTimeTokens tokens;
    private final LoginLimiter limiter;
    private final Semaphore running = new Semaphore(AT_ONCE);

    PageLogin(
            Supplier<WebSettings> settings,
            Roles roles,
            PageSessions sessions,
            OneTimeTokens tokens,
            LoginLimiter limiter) {
        this.settings = settings;
        this.roles = roles;
        this.sessions = sessions;
        this.tokens = tokens;
        this.limiter = limiter;
    }

    /**
     * Logs in.
     *
     * @param form with {@code token}, or {@code user} and {@code password}
     * @param source address of the peer
     * @return the secret for the cookie
     */
    String login(RequestForm form, String source) {
        if (!limiter.take(source)) {
            throw new PageError(TOO_MANY_REQUESTS, "Too many wrong logins from your address; try again in a minute");
        }
        boolean byToken = !form.field("token").isEmpty();
        String secret = byToken ? byToken(form.field("token")) : byPassword(form, source);
        limiter.giveBack(source);
        LOG.info("Page: {} logged in from {}", byToken ? BY_TOKEN : form.field("user"), source);
        return secret;
    }

    private String byToken(String token) {
        if (!tokens.use(token)) {
            throw new PageError(
                    HttpServletResponse.SC_UNAUTHORIZED,
                    "The link has been used or is older than ten minutes; httun:page at the console makes another");
        }
        return sessions.beginByToken(BY_TOKEN);
    }

    private String byPassword(RequestForm form, String source) {
        Optional<Set<String>> granted = ask(form, source);
        WebSettings now = settings.get();
        if (granted.isEmpty()) {
            throw new PageError(HttpServletResponse.SC_UNAUTHORIZED, "User or password is wrong");
        } else if (!now.mayRead(granted.get())) {
            // Only the right password gets here: this tells nothing to a stranger.
            limiter.giveBack(source);
            throw new PageError(
                    HttpServletResponse.SC_FORBIDDEN,
                    "This user has none of the roles that may see the page (roles.read in etc/io.httun.web.cfg)");
        }
        return sessions.begin(form.field("user"), now.mayAct(granted.get()));
    }

    private Optional<Set<String>> ask(RequestForm form, String source) {
        if (!running.tryAcquire()) {
            limiter.giveBack(source);
            throw new PageError(
                    HttpServletResponse.SC_SERVICE_UNAVAILABLE, "Too many logins at once; try again in a second");
        }
        try {
            return roles.of(form.field("user"), form.field("password"));
        } finally {
            running.release();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import io.httun.toolkit.status.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Supplier;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The page: files, data once a second, login and actions. */
final class PageServlet extends HttpServlet {
    /** On every answer. No script and no style but our own files, no request to anybody else, no frame, no markup from text. */
    static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
                    + " form-action 'self'; base-uri 'none'; frame-ancestors 'none';"
                    + " require-trusted-types-for 'script'; trusted-types 'none'",
            "X-Frame-Options",
            "DENY",
            "X-Content-Type-Options",
            "nosniff",
            "Referrer-Policy",
            "no-referrer",
            "Cross-Origin-Opener-Policy",
            "same-origin",
            "Cross-Origin-Resource-Policy",
            "same-origin",
            "Cache-Control",
            "no-store");

    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(PageServlet.class);

    /** What an action that the page cannot do answers, and why. */
    record Failure(String error) {}

    private final transient Supplier<WebSettings> settings;
    private final transient PageSessions sessions;
    private final transient PageLogin login;
    private final transient PageActions actions;
    private final transient PageStatus status;
    private final transient StaticFiles files = new StaticFiles();

    PageServlet(
            Supplier<WebSettings> settings,
            PageSessions sessions,
            PageLogin login,
            PageActions actions,
            PageStatus status) {
        this.settings = settings;
        this.sessions = sessions;
        this.login = login;
        this.actions = actions;
        this.status = status;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!settings.get().access().allows(request.getRemoteAddr(), request::getHeader)) {
            response.setStatus(HttpServletResponse.SC_NOT_FOUND);
            response.setContentLength(0);
            response.flushBuffer();
            return;
        }
        HEADERS.forEach(response::setHeader);
        try {
            RequestChecks.host(request, settings.get());
            answer(request, response);
        } catch (PageError e) {
            json(response, e.status(), new Failure(e.getMessage()));
        } catch (RuntimeException e) {
            // The web server's own page of an error would show the stack trace.
            LOG.warn("The page cannot answer {}", request.getPathInfo(), e);
            json(
                    response,
                    HttpServletResponse.SC_INTERNAL_SERVER_ERROR,
                    new Failure("The page failed; see the log of the server"));
        }
    }

    private void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String path = request.getPathInfo();
        switch (request.getMethod()) {
            case "GET", "HEAD" -> read(path, request, response);
            case "POST" -> {
                RequestChecks.origin(request);
                act(path, request, response);
            }
            default -> throw new PageError(HttpServletResponse.SC_METHOD_NOT_ALLOWED, "Only GET, HEAD and POST");
        }
    }

    private void read(String path, HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (path == null) {
            String own = request.getServletPath();
            response.setStatus(HttpServletResponse.SC_MOVED_PERMANENTLY);
            // Relative, so that no header of the request has a say in it.
            response.setHeader("Location", own.substring(own.lastIndexOf('/') + 1) + "/");
            return;
        }
        switch (path) {
            case "/" -> files.send(isLoggedIn(request) ? "page.html" : "login.html", request, response);
            case "/data" -> json(response, HttpServletResponse.SC_OK, status.data(request, session(request)));
            default -> {
                if (!files.send(path.substring(1), request, response)) {
                    throw new PageError(HttpServletResponse.SC_NOT_FOUND, "There is nothing here");
                }
            }
        }
    }

    private void act(String path, HttpServletRequest request, HttpServletResponse response) throws IOException {
        if ("/login".equals(path)) {
            String secret = login.login(RequestForm.read(request), request.getRemoteAddr());
            PageCookie.set(request, response, secret);
            json(response, HttpServletResponse.SC_OK, new PageActions.Done("Logged in"));
            return;
        }
        PageSession session = session(request);
        RequestChecks.csrf(request, session);
        if ("/logout".equals(path)) {
            PageCookie.secret(request).ifPresent(sessions::end);
            PageCookie.remove(request, response);
            json(response, HttpServletResponse.SC_OK, new PageActions.Done("Logged out"));
            return;
        }
        if (!session.mayAct()) {
            throw new PageError(
                    HttpServletResponse.SC_FORBIDDEN,
                    "You may look, but not act: that needs a role of roles.act in etc/io.httun.web.cfg");
        }
        RequestForm form = RequestForm.read(request);
        json(
                response,
                HttpServletResponse.SC_OK,
                switch (String.valueOf(path)) {
                    case "/close-session" -> actions.closeSession(form, session.user());
                    case "/close-connection" -> actions.closeConnection(form, session.user());
                    case "/drain" -> actions.drain(form, session.user());
                    case "/drain-end" -> actions.endDrain(session.user());
                    case "/check" -> actions.check(form);
                    default -> throw new PageError(HttpServletResponse.SC_NOT_FOUND, "There is no such action");
                });
    }

    private boolean isLoggedIn(HttpServletRequest request) {
        return PageCookie.secret(request).flatMap(sessions::find).isPresent();
    }

    private PageSession session(HttpServletRequest request) {
        return PageCookie.secret(request)
                .flatMap(sessions::find)
                .orElseThrow(() -> new PageError(HttpServletResponse.SC_UNAUTHORIZED, "Log in first"));
    }

    private static void json(HttpServletResponse response, int code, Record value) throws IOException {
        byte[] body = Json.write(value).getBytes(StandardCharsets.US_ASCII);
        response.setStatus(code);
        response.setContentType("application/json");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}

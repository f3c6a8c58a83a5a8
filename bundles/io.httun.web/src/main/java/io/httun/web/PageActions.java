// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import io.httun.api.HttunException;
import io.httun.api.config.ConfigException;
import io.httun.api.status.StatusSource;
import io.httun.api.tunnel.ServerDrain;
import io.httun.toolkit.config.Quantity;
import io.httun.toolkit.status.Services;
import io.httun.toolkit.target.FilterCheck;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.servlet.http.HttpServletResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a user of the page can do, by the services that the commands of the console use. Thread-safe. */
final class PageActions {
    private static final Logger LOG = LoggerFactory.getLogger(PageActions.class);
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_.:-]{1,64}");

    /** A name of DNS has 253 letters at most, and its port five digits. */
    private static final int MAX_TARGET = 300;

    private static final int CHECKS_AT_ONCE = 4;

    /** Asks filters about a target. */
    @FunctionalInterface
    interface Checker {
        FilterCheck check(String target, List<String> filters) throws InterruptedException;

        static Checker of(Services services) {
            return (target, filters) -> FilterCheck.of(services, target, filters, "");
        }
    }

    /**
     * What came of an action.
     *
     * @param done the sentence for the user
     */
    record Done(String done) {}

    private final Supplier<? extends Collection<? extends StatusSource>> parts;
    private final Supplier<? extends Collection<? extends ServerDrain>> servers;
    private final OtherNodes nodes;
    private final Checker checker;
    private final Semaphore checks = new Semaphore(CHECKS_AT_ONCE);

    PageActions(
            Supplier<? extends Collection<? extends StatusSource>> parts,
            Supplier<? extends Collection<? extends ServerDrain>> servers,
            OtherNodes nodes,
            Checker checker) {
        this.parts = parts;
        this.servers = servers;
        this.nodes = nodes;
        this.checker = checker;
    }

    Done closeSession(RequestForm form, String user) {
        return close("session", form.field("id"), user, StatusSource::closeSession, nodes::close);
    }

    Done closeConnection(RequestForm form, String user) {
        return close("connection", form.field("id"), user, StatusSource::closeConnection, other -> false);
    }

    private Done close(
            String kind, String id, String user, BiPredicate<StatusSource, String> close, Predicate<String> elsewhere) {
        if (!ID.matcher(id).matches()) {
            throw new PageError(HttpServletResponse.SC_BAD_REQUEST, "id must be the id of a " + kind);
        }
        if (parts.get().stream().anyMatch(part -> close.test(part, id)) || elsewhere.test(id)) {
            LOG.info("Page: {} closed {} {}", user, kind, id);
            return new Done("Closed " + kind + " " + id);
        }
        throw new PageError(HttpServletResponse.SC_NOT_FOUND, "There is no " + kind + " " + id + " any more");
    }

    /** For as long as the field {@code for} says. */
    Done drain(RequestForm form, String user) {
        Duration period;
        try {
            period = Quantity.duration("for", form.field("for"));
        } catch (ConfigException e) {
            throw new PageError(HttpServletResponse.SC_BAD_REQUEST, e.getMessage());
        }
        servers().forEach(server -> server.drain(period));
        LOG.info("Page: {} drains the server for {} s", user, period.toSeconds());
        return new Done("Draining: new sessions are refused");
    }

    Done endDrain(String user) {
        servers().forEach(ServerDrain::serve);
        LOG.info("Page: {} ended draining", user);
        return new Done("New sessions are taken again");
    }

    private Collection<? extends ServerDrain> servers() {
        Collection<? extends ServerDrain> found = servers.get();
        if (found.isEmpty()) {
            throw new PageError(HttpServletResponse.SC_NOT_FOUND, "No server runs here");
        }
        return found;
    }

    FilterCheck check(RequestForm form) {
        String target = form.field("target").strip();
        if (target.length() > MAX_TARGET) {
            throw new PageError(
                    HttpServletResponse.SC_BAD_REQUEST, "target must not be longer than " + MAX_TARGET + " letters");
        }
        List<String> filters = Stream.of(form.field("filters").split(","))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
        if (!checks.tryAcquire()) {
            throw new PageError(
                    HttpServletResponse.SC_SERVICE_UNAVAILABLE, "Too many checks at once; try again in a second");
        }
        try {
            return checker.check(target, filters);
        } catch (HttunException e) {
            throw new PageError(HttpServletResponse.SC_BAD_REQUEST, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PageError(HttpServletResponse.SC_SERVICE_UNAVAILABLE, "The page is stopping");
        } finally {
            checks.release();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.status.HealthSource;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSource;
import io.httun.toolkit.status.Services;
import io.httun.toolkit.status.Trouble;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Problems in the states of endpoints, listeners, clients and devices. */
record StatusProblems(Services services) implements HealthSource {
    private static final Set<String> LISTENING = Set.of("listening", "mounted");
    private static final Set<String> REACHED = Set.of("idle", "connected", "starting", "stopped");

    @Override
    public List<Problem> problems() {
        return Stream.of(
                        crypto(),
                        rows(
                                StatusSource::endpoints,
                                endpoint -> !endpoint.state().equals("open"),
                                endpoint -> new Problem(
                                        "endpoint " + endpoint.name(),
                                        endpoint.address() + ": " + endpoint.state(),
                                        endpoint.state().startsWith("no server")
                                                ? "install the feature httun-server, or see what the server waits for"
                                                : "correct the configuration io.httun.endpoint." + endpoint.kind())),
                        rows(
                                StatusSource::listeners,
                                listener -> !LISTENING.contains(listener.state()),
                                listener -> new Problem(
                                        "listener " + listener.name(),
                                        listener.address() + ": " + listener.state(),
                                        "free the address, or choose another in its configuration")),
                        rows(
                                StatusSource::reverses,
                                reverse -> reverse.state().startsWith("not listening"),
                                reverse -> new Problem(
                                        "reverse " + reverse.name(),
                                        reverse.listen() + " at the server: " + reverse.state(),
                                        "see the client that leads to the server, and reverse.allow of the server's"
                                                + " channel, or choose another address in io.httun.reverse")),
                        rows(
                                StatusSource::channels,
                                channel -> channel.side().equals("client") && !REACHED.contains(channel.state()),
                                channel -> Trouble.problem(
                                        "client " + channel.name(),
                                        channel.state(),
                                        "check urls, id, secret.file and the proxy in io.httun.client, and the server's"
                                                + " channel")),
                        rows(
                                StatusSource::tuns,
                                tun -> !tun.problem().isEmpty(),
                                tun -> new Problem(
                                        "tun " + tun.name(), tun.problem(), "correct the configuration io.httun.tun")))
                .flatMap(List::stream)
                .toList();
    }

    private List<Problem> crypto() {
        return Stream.of(FrameCipher.class, KeyAgreement.class)
                .filter(type -> services.providers(type).isEmpty())
                .map(type -> new Problem(
                        "crypto",
                        "no provider of " + type.getSimpleName(),
                        "bundle:start io.httun.crypto.jca, or io.httun.crypto.bouncycastle"))
                .toList();
    }

    private <R> List<Problem> rows(
            Function<StatusSource, List<R>> kind, Predicate<R> isWrong, Function<R, Problem> problem) {
        return services.status(kind).stream().filter(isWrong).map(problem).toList();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.status.ListenerStatus;
import io.httun.api.status.StatusSource;
import java.util.List;
import java.util.function.Function;

/** What a test has at hand in a Karaf that runs our bundles. */
public abstract class InTunnel extends InKaraf {
    /** Everything of one kind that any part of httun has to show. */
    protected <T> List<T> status(Function<StatusSource, List<T>> kind) {
        return services(StatusSource.class).stream()
                .flatMap(source -> kind.apply(source).stream())
                .toList();
    }

    /** The port on which a listener accepts. */
    protected int port(String name) {
        String address = await("listener " + name)
                .atMost(LIMIT)
                .until(
                        () -> status(StatusSource::listeners).stream()
                                .filter(listener -> listener.name().equals(name))
                                .map(ListenerStatus::address)
                                .findFirst()
                                .orElse(""),
                        text -> text.matches(".*:[1-9][0-9]*"));
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    /** Waits until the channel "home" is there at the server. */
    protected void awaitChannel() {
        await("channel home").atMost(LIMIT).untilAsserted(() -> assertThat(status(StatusSource::channels))
                .as("channels; %s", unsatisfied())
                .anyMatch(channel ->
                        channel.side().equals("server") && channel.name().equals("home")));
    }
}

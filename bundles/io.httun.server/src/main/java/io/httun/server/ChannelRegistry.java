// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.config.ConfigException;
import io.httun.api.relay.RelayOrigin;
import io.httun.toolkit.config.ChannelSecrets;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/** The channels that are configured, by id. Changes to one leave the others alone. */
final class ChannelRegistry {
    private final Parts parts;
    private final Map<Integer, ServerChannel> channels = new ConcurrentHashMap<>();

    ChannelRegistry(Parts parts) {
        this.parts = parts;
    }

    /** @throws ConfigException if another channel has the id or the secret */
    synchronized ServerChannel add(ChannelSettings settings, Function<ChannelSettings, RelayOrigin> origins) {
        check(settings, null);
        ServerChannel channel = new ServerChannel(parts, settings, origins.apply(settings));
        channels.put(settings.id(), channel);
        return channel;
    }

    /**
     * Changes a channel. Its sessions go on unless its id or its secret has changed; the second secret of a rotation is no change.
     *
     * @return the channel that has taken its place, or the same
     * @throws ConfigException if another channel has the id or the secret; nothing has been changed then
     */
    synchronized ServerChannel change(
            ServerChannel channel, ChannelSettings settings, Function<ChannelSettings, RelayOrigin> origins) {
        check(settings, channel);
        ChannelSettings old = channel.settings();
        if (old.id() == settings.id() && old.secrets().has(settings.secrets().current())) {
            channel.update(settings);
            return channel;
        }
        channels.remove(old.id(), channel);
        channel.end("the channel's id or secret has changed");
        ServerChannel changed = new ServerChannel(parts, settings, origins.apply(settings));
        channels.put(settings.id(), changed);
        return changed;
    }

    synchronized void remove(ServerChannel channel) {
        channels.remove(channel.settings().id(), channel);
        channel.end("the channel has been removed");
    }

    /** Null if no channel has this id. */
    ServerChannel find(int id) {
        return channels.get(id);
    }

    Collection<ServerChannel> all() {
        return channels.values();
    }

    /** The sum over all channels. */
    int count(ToIntFunction<SessionTable> what) {
        return channels.values().stream()
                .map(ServerChannel::sessions)
                .mapToInt(what)
                .sum();
    }

    /** The sessions of the channel for which this is largest; empty if there are no channels. */
    Optional<SessionTable> most(ToIntFunction<SessionTable> what) {
        return channels.values().stream().map(ServerChannel::sessions).max(Comparator.comparingInt(what));
    }

    private void check(ChannelSettings settings, ServerChannel self) {
        for (ServerChannel other : channels.values()) {
            if (other == self) {
                continue;
            }
            if (other.settings().id() == settings.id()) {
                throw new ConfigException(
                        "id", settings.id(), "channel " + other.name() + " has this id; ids must be unique");
            }
            if (isShared(other.settings().secrets(), settings.secrets())) {
                throw new ConfigException("secret.file: channel " + other.name()
                        + " has the same secret; each channel needs its own (make one with: httun gen-key FILE)");
            }
        }
    }

    private static boolean isShared(ChannelSecrets one, ChannelSecrets other) {
        return one.has(other.current())
                || other.next().filter(next -> one.has(next.secret())).isPresent();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.carried;

import io.httun.api.relay.RelayOrigin;
import io.httun.toolkit.login.LoginLimiter;
import io.httun.toolkit.login.PendingLogins;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.NetUtil;
import java.util.Optional;

/** Access to the server of a protocol: sources, logins, failed logins, and silent connections. Thread-safe. */
public final class CarriedGate<S extends CarriedServer.Settings> {
    private final RelayOrigin origin;
    private final LoginLimiter guesses = new LoginLimiter();
    private final PendingLogins pending = new PendingLogins();
    private volatile S settings;

    /** @param origin counts what is refused */
    public CarriedGate(S settings, RelayOrigin origin) {
        this.settings = settings;
        this.origin = origin;
    }

    /** For what comes from now on. */
    public void change(S next) {
        settings = next;
    }

    public S settings() {
        return settings;
    }

    public RelayOrigin origin() {
        return origin;
    }

    /** Counts and logs what is not done for a client. */
    public void refused(String cause) {
        origin.refused(cause);
    }

    /** The address that a connection comes from. */
    public static String source(SocketChannel channel) {
        return NetUtil.toAddressString(channel.remoteAddress().getAddress(), true);
    }

    /** Takes a new connection, or closes it. Returns whether it may say something. */
    public boolean admits(SocketChannel channel) {
        Optional<String> obstacle = obstacle(source(channel));
        if (obstacle.isPresent()) {
            refused(obstacle.get());
            channel.close();
            return false;
        }
        if (settings.credentials().isPresent()) {
            pending.add(channel, () -> giveWay(channel));
        } else {
            // There is no login, but silent connections may not outnumber the tunnels.
            pending.add(channel, settings.relay().connectionsMax(), () -> giveWay(channel));
        }
        return true;
    }

    private void giveWay(SocketChannel channel) {
        refused("too many connections without a login or a request");
        channel.close();
    }

    /** Whether a request may be served, as soon as its head is there; the first one is the login of its connection. */
    public boolean admits(SocketChannel channel, String authorization) {
        boolean may = admits(source(channel), authorization);
        if (may && settings.credentials().isPresent()) {
            pending.remove(channel);
        }
        return may;
    }

    /** A connection has brought a whole request. */
    public void served(SocketChannel channel) {
        pending.remove(channel);
    }

    /**
     * Whether a request may be served.
     *
     * @param authorization value of the header; empty if there is none
     */
    public boolean admits(String source, String authorization) {
        Optional<String> obstacle = obstacle(source);
        if (obstacle.isPresent()) {
            refused(obstacle.get());
            return false;
        } else if (!settings.mayUse(authorization)) {
            guessed(source, "no or wrong user and password");
            return false;
        }
        return true;
    }

    private Optional<String> obstacle(String source) {
        if (!settings.sources().contains(source)) {
            return Optional.of("a source that is not among sources");
        }
        return guesses.isRefused(source) ? Optional.of("too many failed logins") : Optional.empty();
    }

    /** A client named a tunnel that does not exist or is not its own; a source with too many of these is refused. */
    public void guessed(String source, String what) {
        guesses.count(source);
        refused(what);
    }
}

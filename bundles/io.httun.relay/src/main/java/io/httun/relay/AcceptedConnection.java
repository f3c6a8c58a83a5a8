// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.ConnectionSummary;
import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayConnection;
import io.httun.api.status.ConnectionStatus;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.relay.ConnectionAccount.State;
import io.httun.toolkit.status.Trouble;
import io.httun.toolkit.target.ConnectorCall;
import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One accepted connection. Changes on its event loop only; its status is read on any thread. */
final class AcceptedConnection implements RelayConnection {
    private static final Logger LOG = LoggerFactory.getLogger(AcceptedConnection.class);

    private final String id =
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    private final ListenerOrigin origin;
    private final Channel client;
    private final String source;
    private final ConnectionAccount account;
    private final ConnectionFlow flow;

    private volatile String user = "";
    private String via = "";
    private ConnectAttempt attempt;
    private Channel opened;
    private boolean reported;

    AcceptedConnection(ListenerOrigin origin, Channel client, String source) {
        this.origin = origin;
        this.client = client;
        this.source = source;
        this.account = new ConnectionAccount(id, now());
        this.flow = new ConnectionFlow(origin, client, source, account.startNanos());
    }

    void watch() {
        client.closeFuture().addListener(closed -> clientClosed());
    }

    private long now() {
        return client.eventLoop().ticker().nanoTime();
    }

    @Override
    public String id() {
        return id;
    }

    String source() {
        return source;
    }

    /** The logged-in user; empty without a login. */
    String user() {
        return user;
    }

    @Override
    public void user(String name) {
        boolean another = !name.equals(user);
        user = name;
        if (another) {
            flow.under(limits());
        }
    }

    @Override
    public void via(String path) {
        via = path;
    }

    private RelayLimits limits() {
        return origin.limits(user);
    }

    @Override
    public void open(Target wanted, Opening opening) {
        account.target(wanted.toString());
        account.connecting(now());
        connector(opening).ifPresent(connector -> {
            attempt = new ConnectAttempt(client.eventLoop(), new ConnectAttempt.Result() {
                @Override
                public void connected(Channel channel) {
                    opened(channel, State.OPEN, opening);
                }

                @Override
                public void failed(Throwable failure) {
                    refuse(opening, failure);
                }
            });
            attempt.start(
                    wanted,
                    filters(),
                    context(),
                    origin.admission(),
                    connector,
                    limits().policy().connect());
        });
    }

    /** Returns the connector; refuses if it is missing or the source has too many connections. */
    private Optional<TargetConnector> connector(Opening opening) {
        TargetConnector connector = origin.connector();
        int perSource = limits().policy().perSource();
        if (connector == null) {
            refuse(opening, new RefusedException(Cause.UNAVAILABLE, "the connector is not available"));
            return Optional.empty();
        } else if (perSource > 0 && origin.of(source) > perSource) {
            refuse(opening, new RefusedException(Cause.TOO_MANY, ListenerOrigin.PER_SOURCE));
            return Optional.empty();
        }
        return Optional.of(connector);
    }

    private void opened(Channel channel, State as, Opening opening) {
        opened = channel;
        account.opened(as, now());
        opening.opened(channel);
    }

    @Override
    public void connected(Target shown, Channel channel) {
        opened = channel;
        account.target(shown.toString());
        long now = now();
        account.connecting(now);
        account.opened(State.OPEN, now);
    }

    @Override
    public void wanted(Target wanted) {
        account.target(wanted.toString());
    }

    @Override
    public void openDatagrams(Opening opening) {
        account.connecting(now());
        connector(opening).ifPresent(connector -> ConnectorCall.of(
                        client.eventLoop(), () -> connector.openDatagrams(client.eventLoop()))
                .addListener((FutureListener<Channel>) way -> {
                    if (!way.isSuccess()) {
                        refuse(opening, way.cause());
                    } else if (!client.isOpen()) {
                        way.getNow().close();
                    } else {
                        watch(way.getNow());
                        opened(way.getNow(), State.ASSOCIATED, opening);
                    }
                }));
    }

    @Override
    public Future<Target> admit(Target wanted) {
        TargetConnector connector = origin.connector();
        boolean resolve = connector == null || !connector.takesNames();
        return origin.admission().admit(wanted, filters(), resolve, context(), client.eventLoop());
    }

    @Override
    public List<String> filters() {
        return origin.settings().filters();
    }

    @Override
    public void multiplexed() {
        account.state(State.MULTIPLEXED);
    }

    private RequestContext context() {
        byte[] address = NetUtil.createByteArrayFromIpAddressString(source);
        return new RequestContext(
                user,
                address == null ? Optional.empty() : Optional.of(NetUtil.createInetAddressFromIpAddressString(source)),
                via);
    }

    private void refuse(Opening opening, Throwable failure) {
        Cause why = failure instanceof RefusedException refusal ? refusal.refusal() : Cause.FAILED;
        if (!(failure instanceof RefusedException)) {
            LOG.warn("Connection {} failed", id, failure);
        }
        refused(
                EndCause.of(why),
                explained(message(failure), why),
                Trouble.of(why).map(Trouble::toString).orElse(why.toString()));
        opening.refused(why);
    }

    @Override
    public void refuse(EndCause cause, String why) {
        refused(cause, why, why);
    }

    /** An upstream proxy's refusal has its own explanation already. */
    private static String explained(String message, Cause why) {
        return Trouble.in(message).isPresent()
                ? message
                : Trouble.of(why).map(trouble -> trouble.with(message)).orElse(message);
    }

    /** @param kind one of a few fixed texts, by which the log limiter groups */
    private void refused(EndCause cause, String detail, String kind) {
        account.state(State.REFUSED);
        origin.refused(kind);
        ended(cause, detail);
    }

    @Override
    public void watch(Channel channel) {
        flow.meter(channel, limits(), this::endNow);
    }

    @Override
    public void relay(ChannelHandler negotiation, List<ByteBuf> early, boolean clientEnded) {
        flow.relay(opened, limits(), this::ended, negotiation, early, clientEnded);
    }

    /** Applies the listener's changed policies. */
    void policyChanged() {
        client.eventLoop().execute(() -> flow.under(limits()));
    }

    private void ended(EndCause cause, String detail) {
        if (account.end(cause, detail, now())) {
            LOG.debug("Connection {}: {}", id, detail);
            if (cause == EndCause.TARGET_FAILED && account.state() != State.REFUSED) {
                origin.broken(cause, detail);
            }
        }
        reportIfClosed();
    }

    private void clientClosed() {
        if (attempt != null) {
            attempt.cancel();
        }
        flow.stopMeter();
        boolean relayed = flow.relay() != null;
        if (!relayed && (flow.isMetered() || account.state() == State.MULTIPLEXED)) {
            ended(EndCause.COMPLETE, "closed");
        } else if (!relayed) {
            ended(EndCause.CLIENT_GONE, "the client closed the connection in state " + account.state());
        }
        reportIfClosed();
    }

    /** Reports the connection once, when its client is closed and the cause of the end is known. */
    private void reportIfClosed() {
        if (!reported && account.hasEnded() && !client.isOpen()) {
            reported = true;
            origin.closed(this);
        }
    }

    @Override
    public void end(EndCause cause, String detail) {
        client.eventLoop().execute(() -> endNow(cause, detail));
    }

    private void endNow(EndCause cause, String detail) {
        ended(cause, detail);
        if (flow.relay() != null) {
            flow.relay().fail(cause, detail);
        } else if (opened != null) {
            BulkSockets.reset(opened);
        }
        BulkSockets.reset(client);
    }

    /** Number of bytes read from one side and not yet sent to the other. Any thread. */
    long queued() {
        return flow.queued();
    }

    @Override
    public ConnectionStatus status() {
        return account.status(origin.settings().name(), client.isOpen(), flow.traffic(), now());
    }

    /** Only after the end, on the event loop. */
    ConnectionSummary summary(StatisticsPrivacy privacy) {
        return account.summary(origin.settings().name(), flow.traffic(), privacy, user, source);
    }

    private static String message(Throwable failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }
}

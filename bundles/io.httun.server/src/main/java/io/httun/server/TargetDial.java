// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.BulkSockets;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;

/** Brings a connection to a target about: past the filters, then by the channel's connector. Used on one event loop. */
final class TargetDial {
    /** Told the result, on the loop. */
    interface Then {
        void connected(Channel channel);

        void refused(Throwable why);
    }

    private final Parts parts;
    private final ServerChannel origin;
    private final EventLoop loop;
    private final Then then;
    private RequestContext context = RequestContext.NOBODY;
    private Future<?> attempt;
    private boolean cancelled;

    TargetDial(Parts parts, ServerChannel origin, EventLoop loop, Then then) {
        this.parts = parts;
        this.origin = origin;
        this.loop = loop;
        this.then = then;
    }

    /** @param who wants the connection, for the filters */
    void start(InetAddress address, int port, RequestContext who) {
        context = who;
        if (cancelled) {
            return;
        }
        TargetAdmission admission = parts.admission().get();
        if (admission == null) {
            then.refused(new RefusedException(RefusedException.Cause.UNAVAILABLE, "the filter service is missing"));
            return;
        }
        try {
            Future<Target> admitted =
                    admission.admit(Target.of(address, port), origin.settings().filters(), false, context, loop);
            attempt = admitted;
            admitted.addListener((Future<Target> done) -> {
                if (done.isSuccess()) {
                    connect(done.getNow(), admission);
                } else {
                    then.refused(done.cause());
                }
            });
        } catch (RuntimeException e) {
            // A service that is just going away; the client must hear of it all the same.
            then.refused(e);
        }
    }

    private void connect(Target target, TargetAdmission admission) {
        if (cancelled) {
            return;
        }
        TargetConnector connector = origin.connector();
        if (connector == null) {
            then.refused(new RefusedException(
                    RefusedException.Cause.UNAVAILABLE, "the channel's connector (connector.target) is missing"));
            return;
        }
        Future<Channel> connecting;
        try {
            connecting = connector.connect(target, loop);
        } catch (RuntimeException e) {
            then.refused(e);
            return;
        }
        attempt = connecting;
        connecting.addListener((Future<Channel> done) -> onLoop(done, target, admission));
    }

    private void onLoop(Future<Channel> done, Target target, TargetAdmission admission) {
        if (!loop.inEventLoop()) {
            loop.execute(() -> onLoop(done, target, admission));
        } else if (!done.isSuccess()) {
            then.refused(done.cause());
        } else if (cancelled) {
            BulkSockets.reset(done.getNow());
        } else {
            guarded(done.getNow(), target, admission);
        }
    }

    private void guarded(Channel channel, Target target, TargetAdmission admission) {
        try {
            admission.guards(target, origin.settings().filters(), context).forEach(channel.pipeline()::addLast);
        } catch (RuntimeException e) {
            BulkSockets.reset(channel);
            then.refused(e);
            return;
        }
        then.connected(channel);
    }

    void cancel() {
        cancelled = true;
        if (attempt != null) {
            attempt.cancel(false);
        }
    }
}

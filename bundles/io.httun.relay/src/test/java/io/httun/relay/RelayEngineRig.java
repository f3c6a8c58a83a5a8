// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.ConnectionSummary;
import io.httun.api.relay.RelayConnection;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.relay.RelaySettings;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.config.RelayPolicies;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** An engine, a connector that waits for the test, and channels on one clock. */
abstract class RelayEngineRig {
    static final Target TARGET = Target.of("example.org", 443);

    final MockTicker clock = Ticker.newMockTicker();
    final List<Object> told = new ArrayList<>();
    final List<ConnectionSummary> summaries = new ArrayList<>();
    final ChannelInboundHandlerAdapter negotiation = new ChannelInboundHandlerAdapter() {
        @Override
        public boolean isSharable() {
            return true;
        }
    };
    NettyRelayEngine engine = engine(Map.of());
    Promise<Channel> connecting;

    final TargetConnector connector = new TargetConnector() {
        @Override
        public boolean takesNames() {
            return true;
        }

        @Override
        public Future<Channel> connect(Target target, EventLoop loop) {
            connecting = loop.newPromise();
            return connecting;
        }
    };

    final RelayConnection.Opening opening = new RelayConnection.Opening() {
        @Override
        public void opened(Channel target) {
            told.add(target);
        }

        @Override
        public void refused(Cause cause) {
            told.add(cause);
        }
    };

    NettyRelayEngine engine(Map<String, Object> properties) {
        return engine(properties, new RelayCapacity());
    }

    NettyRelayEngine engine(Map<String, Object> properties, RelayCapacity room) {
        NettyRelayEngine made = new NettyRelayEngine(
                (target, filters, resolve, executor) -> filters.contains("no")
                        ? executor.newFailedFuture(new RefusedException(Cause.DENIED, "the filter says no"))
                        : executor.newSucceededFuture(target),
                properties,
                room);
        made.addListener(summaries::add);
        return made;
    }

    static RelaySettings settings(String filter, String... policy) {
        return new RelaySettings(
                "home",
                List.of(filter),
                10,
                RelayPolicies.parse("policy", policy),
                RelayPolicies.parseUsers("policy.users", "ann: life=1s"));
    }

    RelayOrigin origin(String... policy) {
        return engine.open(settings("none", policy), () -> connector);
    }

    EmbeddedChannel channel() {
        return EmbeddedChannel.builder().ticker(clock).handlers(negotiation).build();
    }

    void pass(EmbeddedChannel channel, long millis) {
        clock.advance(millis, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.target;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.target.RefusedException;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConnectorCycleTest {
    private static final class Link implements TargetConnector {
        private final String name;
        private TargetConnector next;

        Link(String name, TargetConnector next) {
            this.name = name;
            this.next = next;
        }

        @Override
        public String connectorName() {
            return name;
        }

        @Override
        public Optional<TargetConnector> through() {
            return Optional.ofNullable(next);
        }

        @Override
        public boolean takesNames() {
            return true;
        }

        @Override
        public Future<Channel> connect(Target target, EventLoop loop) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void findsNoneOnAWayThatEnds() {
        TargetConnector direct = new Link("direct", null);
        assertThat(ConnectorCycle.find(direct)).isEmpty();
        assertThat(ConnectorCycle.find(new Link("a", new Link("b", direct)))).isEmpty();
    }

    @Test
    void namesTheConnectorsOnACycle() {
        Link a = new Link("a", null);
        Link b = new Link("b", a);
        a.next = b;
        assertThat(ConnectorCycle.find(a)).contains("a -> b -> a");
        assertThat(ConnectorCycle.find(b)).contains("b -> a -> b");
        assertThat(ConnectorCycle.find(new Link("client", a))).contains("a -> b -> a");
        RefusedException refusal = ConnectorCycle.refusal("a -> b -> a");
        assertThat(refusal).hasMessageStartingWith("connector a -> b -> a: ");
        assertThat(refusal.refusal()).isEqualTo(RefusedException.Cause.UNAVAILABLE);
        a.next = null;
        assertThat(ConnectorCycle.find(b)).isEmpty();
    }

    @Test
    void findsAConnectorThatNamesItself() {
        Link a = new Link("a", null);
        a.next = a;
        assertThat(ConnectorCycle.find(a)).contains("a -> a");
    }
}

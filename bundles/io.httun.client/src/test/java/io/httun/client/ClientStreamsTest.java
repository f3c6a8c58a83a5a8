// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.stream.PipeSource;
import io.httun.api.stream.StreamConnector;
import io.httun.api.stream.StreamMultiplexer;
import io.httun.api.stream.StreamOrigin;
import io.netty.channel.Channel;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a client has of the bundle that carries its streams. */
class ClientStreamsTest {
    private final List<String> calls = new ArrayList<>();

    private final class Recording implements StreamMultiplexer {
        @Override
        public StreamConnector connector(String name, PipeSource pipes) {
            calls.add("connector " + name);
            return (StreamConnector) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {StreamConnector.class}, (proxy, method, arguments) -> {
                        calls.add(method.getName());
                        return null;
                    });
        }

        @Override
        public void serve(Channel pipe, StreamOrigin origin) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void drain(Channel pipe) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void givesItsConnectorBackWhenItCloses() throws IOException {
        try (Fixture fixture = new Fixture()) {
            Surroundings without = fixture.surroundings();
            Recording streams = new Recording();
            TunnelClient client = new TunnelClient(
                    Fixture.settings("http://127.0.0.1:1"),
                    new Surroundings(
                            without.loops(),
                            without.resolver(),
                            without.connector(),
                            without.cipher(),
                            without.agreement(),
                            without.keyLife(),
                            () -> streams,
                            without.nonces()));
            assertThat(client.hasStreams()).isTrue();
            client.close();
            assertThat(client.hasStreams()).isFalse();
            assertThat(calls).containsExactly("connector home", "retire", "close");
        }
    }
}

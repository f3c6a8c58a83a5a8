// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.awaitility.Awaitility.await;

import io.httun.testrig.ServerUnderTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A client under test and the server of this project. */
abstract class AgainstOurServer {
    static final int MIB = 1 << 20;

    final Fixture fixture = new Fixture();
    final Surroundings surroundings = fixture.surroundings();
    final ServerUnderTest server = new ServerUnderTest(
            fixture, surroundings.cipher().get(), surroundings.agreement().get(), Fixture.CHANNEL, Fixture.SECRET);
    final TestEndpoint endpoint = new TestEndpoint(fixture, server.service(), null);
    TunnelClient client;

    @BeforeEach
    void makeClient() {
        client = new TunnelClient(Fixture.settings(endpoint.url()), ofClient());
    }

    /** Without streams, unless a test class overrides this. */
    Surroundings ofClient() {
        return surroundings;
    }

    @AfterEach
    void close() {
        client.close();
        await().until(client::isIdle);
        endpoint.close();
        server.close();
        fixture.close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.toolkit.status.Trouble;
import java.net.NoRouteToHostException;
import org.junit.jupiter.api.Test;

class ConnectTroublesTest {
    /** As Netty words it where the exception of its native transport has no words. */
    @Test
    void anUnreachableNetworkIsNamedByTheAddressAlone() {
        assertThat(ConnectTroubles.explain(new NoRouteToHostException("null: /192.0.2.1:80")))
                .isEqualTo(Trouble.NO_ANSWER.with("/192.0.2.1:80"));
    }
}

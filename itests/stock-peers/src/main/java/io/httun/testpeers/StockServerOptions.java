// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * What a stock server is configured with.
 *
 * @param secrets shared secret by channel id
 * @param authorization the value of {@code authorization} that every request must carry, if any
 * @param window how many sequence numbers are remembered
 * @param testEnabled whether the test operations are answered
 * @param denied targets that are refused
 * @param device of every channel; without one the L3 operations are refused
 * @param extraHeaders header lines of every reply
 * @param emptyLength whether a reply without a body says {@code content-length: 0}, as behind a reverse proxy
 * @param maxConnections further connections wait to be accepted
 * @param inOrder whether a frame is with its target before the next one or an Init is looked at
 * @param uuid sent in the answer to an Init
 */
record StockServerOptions(
        Map<Integer, byte[]> secrets,
        Optional<String> authorization,
        int window,
        boolean testEnabled,
        Predicate<InetSocketAddress> denied,
        Optional<StockDevice> device,
        List<String> extraHeaders,
        boolean emptyLength,
        int maxConnections,
        boolean inOrder,
        UUID uuid,
        ServerTiming timing) {}

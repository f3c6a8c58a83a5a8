// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.stream.StreamMultiplexer;
import io.httun.api.target.NameResolver;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.EventLoops;
import io.httun.protocol.KeyLife;
import io.httun.protocol.NonceSource;
import java.util.function.Supplier;

/**
 * The services that a client uses. Crypto is looked up for every frame, so that its provider can be replaced.
 *
 * @param cipher gives null while it is missing
 * @param agreement gives null while it is missing
 * @param connector makes the client's connections if it is configured; gives null while it is missing
 * @param keyLife makes the usage limit of a new session's key
 * @param streams gives null while it is missing: then each connection has a session of its own
 */
record Surroundings(
        EventLoops loops,
        NameResolver resolver,
        Supplier<TargetConnector> connector,
        Supplier<FrameCipher> cipher,
        Supplier<KeyAgreement> agreement,
        Supplier<KeyLife> keyLife,
        Supplier<StreamMultiplexer> streams,
        NonceSource nonces) {}

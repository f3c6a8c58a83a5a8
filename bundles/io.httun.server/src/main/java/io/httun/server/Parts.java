// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.stream.StreamMultiplexer;
import io.httun.api.tun.PacketAdmission;
import io.httun.protocol.KeyLife;
import io.httun.protocol.NonceSource;
import io.netty.channel.EventLoopGroup;
import java.util.function.Supplier;

/**
 * What sessions and connections use of their server. Suppliers are asked anew for each frame, since services
 * come and go while sessions live; they give null while a service is missing.
 */
record Parts(
        Supplier<FrameCipher> cipher,
        Supplier<KeyAgreement> agreement,
        Supplier<PacketAdmission> packets,
        Supplier<StreamMultiplexer> streams,
        Supplier<ServerSettings> settings,
        Supplier<KeyLife> keyLives,
        EventLoopGroup loops,
        NonceSource nonces,
        Refusals refusals,
        QueueBudget queues,
        UsageLedger usages,
        ChannelClosures closures,
        Drain drain) {}

// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import io.httun.api.stream.StreamMultiplexer;
import io.httun.api.target.NameResolver;
import io.httun.client.ClientUnderTest;
import io.httun.crypto.jca.JcaFrameCipher;
import io.httun.crypto.jca.JcaKeyAgreement;
import io.httun.endpoint.netty.MountedEndpoint;
import io.httun.protocol.KeyLife;
import io.httun.streams.Http2Multiplexer;
import io.httun.testrig.ServerUnderTest;
import io.httun.testrig.TunnelRig;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Makes servers and clients of ours on one real engine, all on one channel. What it makes is closed before it. */
final class ChannelRig implements Closeable {
    static final String SECRET = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    static final int CHANNEL = 7;

    /** A client's defaults. */
    static final ClientUnderTest.Limits USUAL = new ClientUnderTest.Limits(10_000, 10_000, 30_000, 5500);

    /** Longer than a busy machine stands still. */
    static final ClientUnderTest.Limits PATIENT = new ClientUnderTest.Limits(20_000, 20_000, 60_000, 20_000);

    static final NameResolver NO_NAMES = (host, executor) -> executor.newFailedFuture(new IOException("no names here"));

    private final TunnelRig rig = new TunnelRig();
    private final JcaFrameCipher cipher = new JcaFrameCipher();
    private final JcaKeyAgreement agreement = new JcaKeyAgreement();

    TunnelRig rig() {
        return rig;
    }

    Http2Multiplexer streams() {
        return new Http2Multiplexer(rig.loops());
    }

    OurServer server(StreamMultiplexer streams) {
        return server(streams, Map.of());
    }

    /** @param more properties of the channel */
    OurServer server(StreamMultiplexer streams, Map<String, Object> more) {
        ServerUnderTest server = new ServerUnderTest(rig.loops(), cipher, agreement, CHANNEL, SECRET, more);
        server.streams(streams);
        return new OurServer(server, new MountedEndpoint(rig.loops(), server.service(), ""));
    }

    /** A patient client of one server. @param streams null at any time while it has none */
    ClientUnderTest client(String url, Supplier<StreamMultiplexer> streams) {
        return client(List.of(url), NO_NAMES, PATIENT, KeyLife.MAX_FRAMES, streams);
    }

    /** @param keyFrames that one key may protect @param streams null at any time while it has none */
    ClientUnderTest client(
            List<String> urls,
            NameResolver resolver,
            ClientUnderTest.Limits limits,
            long keyFrames,
            Supplier<StreamMultiplexer> streams) {
        return new ClientUnderTest(
                rig.loops(), resolver, cipher, agreement, CHANNEL, SECRET, urls, limits, keyFrames, streams);
    }

    @Override
    public void close() throws IOException {
        rig.close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.wire;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.FrameKey;
import io.httun.crypto.bouncycastle.BcFrameCipher;
import io.httun.crypto.jca.JcaFrameCipher;
import io.httun.protocol.Frame;
import io.httun.protocol.NonceSource;
import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Sealing and opening one frame as the data path does it. MB/s = 1000 * payload / (ns per operation). */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FrameBenchmark {
    @Param({"jca", "bouncycastle"})
    public String provider;

    @Param({"1400", "65535"})
    public int payload;

    private final NonceSource nonces = new NonceSource(new SecureRandom());
    private final FrameKey key = new FrameKey(new byte[FrameKey.LENGTH]);
    private FrameCipher cipher;
    private ByteBuf plain;
    private ByteBuf wire;
    private ByteBuf out;

    @Setup
    public void setUp() {
        cipher = provider.equals("jca") ? new JcaFrameCipher() : new BcFrameCipher();
        plain = Frame.allocate(ByteBufAllocator.DEFAULT, payload).writeZero(payload);
        wire = Frame.allocate(ByteBufAllocator.DEFAULT, payload).writeZero(payload);
        Frame.seal(cipher, key, nonces, Operation.L7_TO_SERVER, 0, wire);
        out = ByteBufAllocator.DEFAULT.heapBuffer(wire.readableBytes());
    }

    @TearDown
    public void tearDown() {
        plain.release();
        wire.release();
        out.release();
    }

    @Benchmark
    public ByteBuf seal() {
        plain.setIndex(0, Frame.HEADER_LENGTH + payload);
        return Frame.seal(cipher, key, nonces, Operation.L7_TO_SERVER, 1, plain);
    }

    @Benchmark
    public Frame open() {
        return Frame.open(cipher, key, wire, out);
    }
}

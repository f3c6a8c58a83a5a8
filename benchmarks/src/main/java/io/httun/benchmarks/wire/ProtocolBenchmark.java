// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.wire;

import io.httun.protocol.FrameText;
import io.httun.protocol.L7Container;
import io.httun.protocol.SequenceType;
import io.httun.protocol.SequenceWindow;
import io.httun.protocol.TunnelPath;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What every frame costs besides its cipher. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ProtocolBenchmark {
    private static final int SWAPPED = 2;

    private final InetAddress address = InetAddress.getLoopbackAddress();
    private final ByteBuf payload = Unpooled.buffer(L7Container.HEADER_LENGTH);
    private final ByteBuf container = Unpooled.buffer(L7Container.HEADER_LENGTH + 1400);
    private final String text = FrameText.encode(Unpooled.buffer().writeZero(48));
    private final SequenceWindow inOrder = new SequenceWindow(SequenceType.B, 1024);
    private final SequenceWindow disordered = new SequenceWindow(SequenceType.B, 1024);
    private long number;

    public ProtocolBenchmark() {
        L7Container.writeHeader(container, address, 443);
        container.writeZero(1400);
    }

    @Benchmark
    public ByteBuf writeContainerHeader() {
        L7Container.writeHeader(payload.clear(), address, 443);
        return payload;
    }

    @Benchmark
    public L7Container readContainer() {
        return L7Container.read(container);
    }

    @Benchmark
    public boolean takeInOrder() {
        return inOrder.take(SequenceType.B.with(number++));
    }

    /** Every pair of numbers comes the wrong way round. */
    @Benchmark
    public boolean takeDisordered() {
        long pair = number / SWAPPED * SWAPPED;
        return disordered.take(SequenceType.B.with(pair + 1 - number++ % SWAPPED));
    }

    @Benchmark
    public ByteBuf decodeText() {
        return FrameText.decode(text);
    }

    @Benchmark
    public TunnelPath parsePath() {
        return TunnelPath.parse("/7/r/2006A0CA5A");
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
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

/** One system call by JNA's two ways, to /dev/null, so that the call itself is next to nothing. In this package for {@link LibC}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class NativeCallBenchmark {
    /** By proxies and reflection. */
    public interface Mapped extends Library {
        long write(int fd, long address, long count);
    }

    private static final int LENGTH = 1400;

    private final Mapped mapped = Native.load("c", Mapped.class);
    private final int fd = LibC.open("/dev/null", LibC.O_RDWR_NONBLOCK_CLOEXEC);
    private final KernelMemory packet = new KernelMemory(LENGTH);
    private final long address = Pointer.nativeValue(Native.getDirectBufferPointer(packet.bytes()));

    @Benchmark
    public long direct() {
        return packet.write(fd, LENGTH);
    }

    @Benchmark
    public long interfaceMapped() {
        return mapped.write(fd, address, LENGTH);
    }
}

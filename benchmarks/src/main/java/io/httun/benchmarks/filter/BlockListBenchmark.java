// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.filter;

import io.httun.api.target.Decision;
import io.httun.api.target.Target;
import io.httun.filter.RuleFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
import org.openjdk.jmh.annotations.Warmup;

/** One whole decision by a block list of 200,000 names. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BlockListBenchmark {
    private static final int NAMES = 200_000;

    @Param({"www.example.org", "host-4711.tracker803.example.com"})
    public String host;

    private RuleFilter filter;
    private Target target;

    @Setup
    public void start() throws IOException {
        Path folder = Files.createTempDirectory("rules");
        Files.write(folder.resolve("list"), (Iterable<String>) IntStream.range(0, NAMES)
                .mapToObj(i -> "0.0.0.0 host-" + i + ".tracker" + i % 977 + ".example.com")::iterator);
        Path rules = Files.write(folder.resolve("rules"), List.of("deny @list", "allow any"));
        filter = new RuleFilter(Map.of("name", "list", "file", rules.toString(), "reload.seconds", 86_400));
        target = Target.of(host, 443);
    }

    @Benchmark
    public Decision decide() {
        return filter.decide(target);
    }
}

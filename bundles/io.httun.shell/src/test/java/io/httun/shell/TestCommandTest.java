// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.HttunException;
import io.httun.api.tunnel.ChannelTester;
import io.httun.api.tunnel.ChannelTester.Progress;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.api.console.Terminal;
import org.junit.jupiter.api.Test;

class TestCommandTest {
    private static final int MEBI = 1 << 20;

    private Duration period;
    private long count;
    private final Promise<Void> end = ImmediateEventExecutor.INSTANCE.newPromise();
    private ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final TestCommand command = new TestCommand();

    private String run(Consumer<Consumer<Progress>> course) throws Exception {
        ChannelTester tester = (givenPeriod, givenCount, progress) -> {
            period = givenPeriod;
            count = givenCount;
            course.accept(progress);
            return end;
        };
        return Run.command(
                command, new FakeServices().add(ChannelTester.class, tester, Map.of("name", "home")), printed);
    }

    private static Progress progress(long exchanges, long seconds) {
        return new Progress(
                exchanges, Duration.ofMillis(2), exchanges * MEBI, 2 * exchanges * MEBI, Duration.ofSeconds(seconds));
    }

    @Test
    void showsTheRatesInEachDirection() throws Exception {
        command.channel = "home";
        command.count = 10;
        command.period = 5;
        assertThat(run(progress -> {
                    progress.accept(progress(10, 2));
                    end.setSuccess(null);
                }))
                .isEqualToIgnoringNewLines("all          2.0 s        10 exchanges  round trip     0.20 ms"
                        + "  to server      5.00 MiB/s  from server     10.00 MiB/s");
        assertThat(period).isEqualTo(Duration.ofMillis(5));
        assertThat(count).isEqualTo(10);
    }

    @Test
    void printsALineForEveryIntervalUntilItIsInterrupted() throws Exception {
        command.channel = "home";
        command.interval = Duration.ofMillis(1);
        command.json = true;
        Thread me = Thread.currentThread();
        Thread ctrlC = new Thread(() -> {
            await().until(() -> printed.size() > 0);
            me.interrupt();
        });
        String lines = run(progress -> {
            progress.accept(progress(10, 2));
            ctrlC.start();
        });
        ctrlC.join();
        assertThat(end.isCancelled()).isTrue();
        assertThat(count).isEqualTo(Long.MAX_VALUE);
        assertThat(lines).startsWith("{\"span\":\"interval\"");
        assertThat(lines.strip().lines().reduce((a, b) -> b).orElseThrow())
                .isEqualTo("{\"span\":\"all\",\"seconds\":2.0,\"exchanges\":10,\"roundTripMillis\":0.2,"
                        + "\"mebibytesPerSecondToServer\":5.0,\"mebibytesPerSecondFromServer\":10.0}");
    }

    @Test
    void endsWithTheShellThatNobodyReadsAnyMore() throws Exception {
        command.channel = "home";
        command.interval = Duration.ofMillis(1);
        printed = new ByteArrayOutputStream() {
            @Override
            public void flush() throws IOException {
                throw new IOException("the channel is closed");
            }
        };
        run(progress -> {});
        assertThat(end.isCancelled()).isTrue();
    }

    @Test
    void endsAfterTheGivenTime() throws Exception {
        command.channel = "home";
        command.seconds = 1;
        command.interval = Duration.ofMillis(1);
        run(progress -> progress.accept(progress(1, 1)));
        assertThat(end.isCancelled()).isTrue();
    }

    @Test
    void withoutATerminalItHasALimit() {
        command.session = session(null);
        assertThat(command.limit()).isEqualTo(Duration.ofSeconds(10));
        command.count = 5;
        assertThat(command.limit()).isEqualTo(TestCommand.NO_LIMIT);
        command.count = 0;
        command.session = session(FakeServices.proxy(Terminal.class, (method, args) -> null));
        assertThat(command.limit()).isEqualTo(TestCommand.NO_LIMIT);
        command.seconds = 3;
        assertThat(command.limit()).isEqualTo(Duration.ofSeconds(3));
    }

    private static Session session(Terminal terminal) {
        return FakeServices.proxy(Session.class, (method, args) -> method.equals("getTerminal") ? terminal : null);
    }

    @Test
    void countsParallelExchangesTogether() throws Exception {
        command.channel = "home";
        command.count = 10;
        command.parallel = 4;
        AtomicInteger started = new AtomicInteger();
        assertThat(run(progress -> {
                    progress.accept(progress(10, 2));
                    if (started.incrementAndGet() == 4) {
                        end.setSuccess(null);
                    }
                }))
                .contains("40 exchanges", "to server     20.00 MiB/s");
    }

    @Test
    void saysWhyATestEnded() {
        command.channel = "home";
        assertThatThrownBy(() -> run(progress -> {
                    progress.accept(progress(3, 1));
                    end.setFailure(new HttunException("the server answered 400: is test = true there?"));
                }))
                .hasMessage("The test ended after 3 exchanges: the server answered 400: is test = true there?");
    }

    @Test
    void saysWhatIsWrongWithTheInput() {
        command.channel = "nosuch";
        assertThatThrownBy(() -> run(progress -> {}))
                .hasMessage("There is no client channel named nosuch; there is: home");
        assertThatThrownBy(() -> Run.command(command, new FakeServices()))
                .hasMessage("There is no client channel named nosuch; there is none");
        command.channel = "home";
        command.late = List.of("--count", "many");
        assertThatThrownBy(() -> run(progress -> {})).hasMessage("--count many: must be a number");
        command.late = null;
        command.period = -1;
        assertThatThrownBy(() -> run(progress -> {})).hasMessage("--period -1: must be 0 or more milliseconds");
        command.period = 0;
        command.count = 0;
        command.seconds = -1;
        assertThatThrownBy(() -> run(progress -> {})).hasMessage("--seconds -1: must be 1 or more, or 0 for no end");
        command.seconds = 0;
        command.parallel = 17;
        assertThatThrownBy(() -> run(progress -> {})).hasMessage("--parallel 17: must be 1 to 16");
        command.parallel = 1;
        command.count = -2;
        assertThatThrownBy(() -> run(progress -> {})).hasMessage("--count -2: must be 1 or more, or 0 for no end");
    }
}

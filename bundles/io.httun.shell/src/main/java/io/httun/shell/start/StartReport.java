// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.start;

import io.httun.api.status.Problem;
import io.httun.api.status.StatusSource;
import io.httun.shell.console.ConsoleRecord;
import io.httun.shell.health.EventLoopProblems;
import io.httun.shell.health.Health;
import io.httun.toolkit.jdk.DaemonClock;
import io.httun.toolkit.status.Services;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches a process that {@code bin/httun} has started until it is ready or has failed, and reports the result. */
@Component(
        immediate = true,
        service = {})
public final class StartReport {
    private static final Logger LOG = LoggerFactory.getLogger(StartReport.class);
    /** Set by {@code bin/httun}; in other Karaf processes no report is wanted. */
    private static final String MODE = "httun.mode";

    private static final String BOOT_FINISHED = "org.apache.karaf.features.BootFinished";
    private static final long LOOK_MILLIS = 100;
    /** Time after the last feature for sockets and a client's first session (its time limit is 10 s). */
    private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(12);

    /** Half of the limit is what systemd recommends; the check itself takes up to 5 s. */
    private static final long WATCHDOG_PARTS = 3;

    private static final long CONSOLE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Bundle system;
    private final Services services;
    private final Optional<String> mode = Optional.ofNullable(System.getProperty(MODE));
    private final Path base = Path.of(System.getProperty("karaf.base", ""));
    private final Health health;
    private final EventLoopProblems loops;
    private final OwnConsole console;
    private final AddressFiles addresses;
    private final ScheduledExecutorService clock;
    private final Optional<ServiceManager> manager =
            ServiceManager.of(System.getenv(), ProcessHandle.current().pid());
    private final ScheduledExecutorService watchdog;
    private Optional<ConsoleRecord> recorded = Optional.empty();
    private long booted;
    private boolean said;

    @Activate
    public StartReport(BundleContext context) {
        system = context.getBundle(Constants.SYSTEM_BUNDLE_ID);
        services = new Services(context);
        health = new Health(services);
        loops = new EventLoopProblems(services);
        Path etc = Path.of(System.getProperty("karaf.etc", "etc"));
        console = new OwnConsole(services, etc, new ListeningPorts(Path.of("/proc/self")));
        addresses = new AddressFiles(etc);
        clock = DaemonClock.named("httun-start");
        watchdog = DaemonClock.named("httun-watchdog");
    }

    @Activate
    void start() {
        if (mode.isEmpty()) {
            return;
        }
        clock.scheduleWithFixedDelay(this::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        long micros = manager.map(ServiceManager::watchdogMicros).orElse(0L);
        if (micros > 0) {
            long period = Math.max(1, micros / WATCHDOG_PARTS);
            watchdog.scheduleWithFixedDelay(this::answerWatchdog, 0, period, TimeUnit.MICROSECONDS);
        }
    }

    /** A process whose event loops are stuck carries nothing: the manager is to start another. */
    private void answerWatchdog() {
        try {
            List<Problem> stuck = loops.problems();
            if (stuck.isEmpty()) {
                manager.orElseThrow().alive();
            } else {
                LOG.error("The watchdog gets no answer: {}", stuck);
            }
        } catch (RuntimeException e) {
            LOG.error("The watchdog gets no answer", e);
        }
    }

    /** Does not wait for a check in progress: that check may be ending the process, and with it this component. */
    @Deactivate
    void stop() {
        clock.shutdownNow();
        watchdog.shutdownNow();
        if (mode.isPresent()) {
            manager.filter(any -> isEnding()).ifPresent(ServiceManager::stopping);
        }
    }

    /** Rather than being updated. */
    private boolean isEnding() {
        return system.getState() != Bundle.ACTIVE;
    }

    private void look() {
        try {
            recordConsole();
            if (booted == 0 && !services.values(BOOT_FINISHED, "objectClass").isEmpty()) {
                booted = System.nanoTime();
            }
            if (booted != 0 && !said) {
                say(System.nanoTime() - booted);
            }
            if (said && (recorded.isPresent() || System.nanoTime() - booted > CONSOLE_NANOS)) {
                clock.shutdown();
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("The result of the start is not known yet: {}", e.toString());
        }
    }

    private void recordConsole() throws IOException {
        // Karaf's console starts anew when its configuration changes, and another process may take the port meanwhile.
        if (recorded.isPresent() && !console.isStill(recorded.get())) {
            recorded = Optional.empty();
            Files.deleteIfExists(ConsoleRecord.file(base));
        }
        if (recorded.isEmpty()) {
            recorded = console.find();
            if (recorded.isPresent()) {
                recorded.get().write(ConsoleRecord.file(base));
            } else if (booted != 0) {
                console.moveIfTaken();
            }
        }
    }

    private void say(long waited) throws IOException {
        List<Problem> problems = health.problems();
        ReadyLine line = line();
        boolean useless = mode.get().equals("proxy") && isShut();
        if (!useless
                && waited < (problems.isEmpty() ? CONSOLE_NANOS : SETTLE_NANOS)
                && !isReady(problems, line, waited)) {
            return;
        }
        said = true;
        if (!mode.get().equals("demo")) {
            System.out.println(line.text(problems));
        }
        if (useless) {
            System.exit(1);
        }
        manager.ifPresent(told -> told.ready(line.text(problems)));
    }

    private ReadyLine line() {
        String address = recorded.map(each -> each.host() + ":" + each.port()).orElse("not ready yet");
        String log = base.resolve("data/log/karaf.log").toString();
        return new ReadyLine(mode.get(), services, address, log);
    }

    private boolean isReady(List<Problem> problems, ReadyLine line, long waited) throws IOException {
        return problems.isEmpty() && recorded.isPresent() && isSettled(line, waited);
    }

    /** Configured components may start after the boot: where an address is configured, a missing one counts only after a while. */
    private boolean isSettled(ReadyLine line, long waited) throws IOException {
        return waited > SETTLE_NANOS || !line.addresses().isEmpty() || !addresses.any(this::isInstalled);
    }

    private boolean isInstalled(String pid) {
        return services.all(ServiceComponentRuntime.class).stream()
                .flatMap(components -> components.getComponentDescriptionDTOs().stream())
                .anyMatch(component -> component.configurationPid != null
                        && List.of(component.configurationPid).contains(pid));
    }

    /** Without a reachable listener a proxy process has no purpose. */
    private boolean isShut() {
        return services.status(StatusSource::listeners).stream()
                .anyMatch(listener -> listener.state().startsWith("not listening"));
    }
}

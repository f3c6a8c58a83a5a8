// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.httun.api.status.HealthReport;
import io.httun.api.status.HealthStatus;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import javax.management.MBeanNotificationInfo;
import javax.management.Notification;
import javax.management.NotificationBroadcasterSupport;

/** The verdict as an MBean. */
final class HealthBean extends NotificationBroadcasterSupport implements HealthMXBean {
    private final Supplier<HealthReport> verdict;
    private final AtomicLong sequence = new AtomicLong();

    HealthBean(Supplier<HealthReport> verdict) {
        super(new MBeanNotificationInfo(
                new String[] {CHANGED}, Notification.class.getName(), "The verdict or its problems have changed"));
        this.verdict = verdict;
    }

    @Override
    public String getStatus() {
        return verdict.get().status().name();
    }

    @Override
    public String[] getProblems() {
        return problems(verdict.get());
    }

    private static String[] problems(HealthReport report) {
        return report.problems().stream()
                .map(problem -> problem.part() + ": " + problem.what() + "; remedy: " + problem.remedy())
                .toArray(String[]::new);
    }

    void changed(HealthStatus before, HealthReport now) {
        String message = before + " -> " + now.status();
        String problems = String.join("\n", problems(now));
        Notification notification = new Notification(
                CHANGED,
                ManagementBeans.HEALTH,
                sequence.incrementAndGet(),
                problems.isEmpty() ? message : message + "\n" + problems);
        notification.setUserData(now.status().name());
        sendNotification(notification);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

/** The verdict on this process. Sends a notification of the type {@value #CHANGED} when it changes. */
public interface HealthMXBean {
    /** The type of the notifications; their message is the new status with the problems. */
    String CHANGED = "io.httun.health.changed";

    /** {@code OK}, {@code WARN} or {@code CRITICAL}. */
    String getStatus();

    /** What is not as configured, each with its remedy. */
    String[] getProblems();
}

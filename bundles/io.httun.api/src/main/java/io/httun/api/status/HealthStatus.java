// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/** A verdict, from good to bad. */
public enum HealthStatus {
    /** Everything is as configured. */
    OK,
    /** Something is not as configured, and traffic flows nevertheless. */
    WARN,
    /** Something that traffic needs does not work. */
    CRITICAL
}

// SPDX-License-Identifier: Apache-2.0
/** What is not as configured: one class for each place that knows, and {@link io.httun.shell.health.Health} for all, as a service. */
package io.httun.shell.health;

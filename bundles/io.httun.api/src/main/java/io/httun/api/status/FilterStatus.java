// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/**
 * A named filter.
 *
 * @param name as configured
 * @param kind {@code address}, {@code pattern}, {@code rules} or {@code packet}
 * @param rules how many there are
 * @param allowed targets or packets that it allowed
 * @param denied targets or packets that it denied
 */
public record FilterStatus(String name, String kind, int rules, long allowed, long denied) {}

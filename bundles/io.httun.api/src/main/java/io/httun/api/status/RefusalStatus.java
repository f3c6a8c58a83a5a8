// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/**
 * How often something was refused for one cause. Every cause is there from the start, with 0.
 *
 * @param part what refused it: {@code server}
 * @param cause one of few fixed words, in lower case with hyphens
 * @param count since the part started
 */
public record RefusalStatus(String part, String cause, long count) {}

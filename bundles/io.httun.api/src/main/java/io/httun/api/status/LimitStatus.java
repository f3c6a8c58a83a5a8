// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/**
 * Something that is bounded, and how much of it is used.
 *
 * @param part what it belongs to: {@code relay}, {@code server}, or the kind and name of a part, such as {@code listener home}
 * @param name the property that sets it, such as {@code connections.max}
 * @param unit {@code connections}, {@code sessions} or {@code bytes}
 * @param used now
 * @param limit what may be used at most
 */
public record LimitStatus(String part, String name, String unit, long used, long limit) {}

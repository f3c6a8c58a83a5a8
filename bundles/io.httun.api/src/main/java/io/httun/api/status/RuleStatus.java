// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/**
 * One rule of a filter.
 *
 * @param filter the filter's name
 * @param place where the rule stands
 * @param rule as written
 * @param hits targets that it decided on
 */
public record RuleStatus(String filter, String place, String rule, long hits) {}

// SPDX-License-Identifier: Apache-2.0
package io.httun.api.cluster;

import java.util.List;

/**
 * What the other members of a cluster have answered to one question.
 *
 * @param rows of all answers, by node
 * @param failures a sentence for each member whose answer is missing or not whole, which names it
 */
public record ClusterAnswer<R>(List<R> rows, List<String> failures) {
    public ClusterAnswer {
        rows = List.copyOf(rows);
        failures = List.copyOf(failures);
    }
}

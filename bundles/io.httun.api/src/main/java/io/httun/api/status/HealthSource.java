// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

import java.util.List;

/**
 * A part that knows what of its own is not as configured. A service; a {@link StatusSource} is one without being
 * registered as such. Each call makes a snapshot, on any thread, without blocking.
 */
public interface HealthSource {
    /** What is wrong now, until it is fixed; empty while everything is as configured. */
    List<Problem> problems();
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/**
 * A connector: what makes connections to targets, by itself or through something else.
 *
 * @param name as configured; listeners and channels name it
 * @param through the connector that it makes its own connections with; empty where there is none
 * @param takesNames whether names are resolved behind it rather than here
 * @param takesDatagrams whether it carries UDP now
 */
public record ConnectorStatus(String name, String through, boolean takesNames, boolean takesDatagrams) {}

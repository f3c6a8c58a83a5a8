// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

/**
 * What passes a place, in bytes per second.
 *
 * @param up towards targets
 * @param down from targets
 */
record Flow(long up, long down) {
    static final Flow NONE = new Flow(0, 0);

    Flow plus(Flow other) {
        return new Flow(up + other.up, down + other.down);
    }
}

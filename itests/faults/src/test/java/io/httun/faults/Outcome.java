// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

/** The two ways in which a transfer may end. */
enum Outcome {
    WHOLE,
    RESET
}

// SPDX-License-Identifier: Apache-2.0
/** The real engine under a tunnel protocol's two ends, and real programs at the other one. Tests only. */
package io.httun.testrig;

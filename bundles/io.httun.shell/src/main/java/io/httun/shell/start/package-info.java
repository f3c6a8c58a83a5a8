// SPDX-License-Identifier: Apache-2.0
/** The report of a process started by {@code bin/httun} once it is ready, and its record for {@code httun shell}. */
package io.httun.shell.start;

// SPDX-License-Identifier: Apache-2.0
/**
 * Pipes ({@code docs/wire.md}, "A pipe"): the logic of both ends, without I/O, threads and a clock. Times are nanoseconds of
 * any steady clock such as {@link System#nanoTime}, passed in.
 */
@Export
@Version("1.0.0")
package io.httun.protocol.pipe;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

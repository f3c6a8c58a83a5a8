// SPDX-License-Identifier: Apache-2.0
/** Listening for connections: addresses as configured, Unix domain sockets and what stands in the way of either. */
@Export
@Version("1.0.0")
package io.httun.toolkit.listen;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

// SPDX-License-Identifier: Apache-2.0
/** Datagrams that travel in something else, and what every way for datagrams to one target needs. */
@Export
@Version("1.0.0")
package io.httun.toolkit.datagram;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

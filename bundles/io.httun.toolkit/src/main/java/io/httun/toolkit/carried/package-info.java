// SPDX-License-Identifier: Apache-2.0
/** What protocols share that carry a connection inside HTTP: their components, the virtual channel, the way to the server, the sources that may come. */
@Export
@Version("1.0.0")
package io.httun.toolkit.carried;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

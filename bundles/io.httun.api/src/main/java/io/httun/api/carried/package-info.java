// SPDX-License-Identifier: Apache-2.0
/** What protocols share that carry a connection inside HTTP: the virtual channel, the way to the server, the sources that may come. */
@Export
@Version("1.2.0")
package io.httun.api.carried;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

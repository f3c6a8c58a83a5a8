// SPDX-License-Identifier: Apache-2.0
/** TLS on connections that carry something else: towards a server, and with the ends of a socket. */
@Export
@Version("1.0.0")
package io.httun.toolkit.tls;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

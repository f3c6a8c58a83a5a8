// SPDX-License-Identifier: Apache-2.0
/** What several carriers of the tunnel share: routing of requests, settings of bulk sockets. */
@Export
@Version("1.0.0")
package io.httun.toolkit.tunnel;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

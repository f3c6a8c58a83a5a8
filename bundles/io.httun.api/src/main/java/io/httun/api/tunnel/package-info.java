// SPDX-License-Identifier: Apache-2.0
/** What carries the tunnel: endpoints hand requests to the server, everything shares the event loops. */
@Export
@Version("1.7.0")
package io.httun.api.tunnel;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

// SPDX-License-Identifier: Apache-2.0
/** Read-only snapshots of what every part is doing, for the shell and for monitoring. */
@Export
@Version("1.3.0")
package io.httun.api.status;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

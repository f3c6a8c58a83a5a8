// SPDX-License-Identifier: Apache-2.0
/** Read-only snapshots of what every part is doing and of what is wrong with it, for the shell, metrics, MBeans and pages. */
@Export
@Version("2.2.0")
package io.httun.api.status;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

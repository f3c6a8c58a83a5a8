// SPDX-License-Identifier: Apache-2.0
/** Snapshots of all parts and their output, and the present problems of a part. */
@Export
@Version("1.2.0")
package io.httun.toolkit.status;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

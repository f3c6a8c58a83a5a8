// SPDX-License-Identifier: Apache-2.0
/** A pipe as a channel, at either end. */
@Export
@Version("1.0.0")
package io.httun.toolkit.pipe;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

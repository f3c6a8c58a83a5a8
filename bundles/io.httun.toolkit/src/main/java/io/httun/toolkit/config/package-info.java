// SPDX-License-Identifier: Apache-2.0
/** Strict reading of ConfigAdmin configurations and of the files they name. */
@Export
@Version("1.0.0")
package io.httun.toolkit.config;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

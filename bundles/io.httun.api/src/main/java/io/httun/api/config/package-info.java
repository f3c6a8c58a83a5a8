// SPDX-License-Identifier: Apache-2.0
/** Strict reading of ConfigAdmin configurations and of the secret files they name. */
@Export
@Version("1.3.0")
package io.httun.api.config;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

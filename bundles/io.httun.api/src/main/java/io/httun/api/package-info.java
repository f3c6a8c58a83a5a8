// SPDX-License-Identifier: Apache-2.0
/** Errors common to every part of httun. */
@Export
@Version("1.0.0")
package io.httun.api;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

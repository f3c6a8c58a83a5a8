// SPDX-License-Identifier: Apache-2.0
/** Patterns that targets match, and how HTTP tells why there is no connection to them. */
@Export
@Version("1.0.0")
package io.httun.toolkit.target;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

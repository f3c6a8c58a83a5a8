// SPDX-License-Identifier: Apache-2.0
/** Where connections go: targets, the filters that judge them and the connectors that reach them. */
@Export
@Version("1.3.0")
package io.httun.api.target;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

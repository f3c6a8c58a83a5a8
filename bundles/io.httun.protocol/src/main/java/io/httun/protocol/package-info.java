// SPDX-License-Identifier: Apache-2.0
/** The httun wire protocol ({@code wire/httun.md}): plain Java, no OSGi, no I/O, no logging. */
@Export
@Version("1.5.0")
package io.httun.protocol;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

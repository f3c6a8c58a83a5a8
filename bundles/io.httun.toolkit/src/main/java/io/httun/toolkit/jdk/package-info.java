// SPDX-License-Identifier: Apache-2.0
/** What the JDK offers, in the one form that this project uses. */
@Export
@Version("1.0.0")
package io.httun.toolkit.jdk;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

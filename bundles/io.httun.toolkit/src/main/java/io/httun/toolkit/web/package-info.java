// SPDX-License-Identifier: Apache-2.0
/** What the servlets of several bundles in Karaf's web server have in common. Without a servlet API, which is not there unless they are. */
@Export
@Version("1.0.0")
package io.httun.toolkit.web;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

// SPDX-License-Identifier: Apache-2.0
/** HTTP/2 streams as byte channels (RFC 9113 section 8.5). */
@Export
@Version("1.0.0")
package io.httun.toolkit.http2;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

// SPDX-License-Identifier: Apache-2.0
/** Ways through other people's HTTP proxies that do not tunnel. */
@Export
@Version("1.0.0")
package io.httun.api.proxy;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

// SPDX-License-Identifier: Apache-2.0
/** Layer 3: TUN devices, and the IP packets that go through them. */
@Export
@Version("1.4.0")
package io.httun.api.tun;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

// SPDX-License-Identifier: Apache-2.0
/** Networks, lists of them, and the addresses of this machine: the one home of network lists. */
@Export
@Version("1.0.0")
package io.httun.toolkit.net;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

// SPDX-License-Identifier: Apache-2.0
/** Services that seal frames and agree on keys. Keys belong to sessions, never to a provider. */
@Export
@Version("1.0.0")
package io.httun.api.crypto;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

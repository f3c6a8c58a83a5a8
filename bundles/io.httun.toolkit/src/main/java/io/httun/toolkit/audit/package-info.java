// SPDX-License-Identifier: Apache-2.0
/** Where parts say what an audit has to know. */
@Export
@Version("1.0.0")
package io.httun.toolkit.audit;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

// SPDX-License-Identifier: Apache-2.0
/**
 * The tunnel engine as a service: what stands between a listener, which has an inbound channel and knows what its peer
 * wants, and a {@link io.httun.api.target.TargetConnector}.
 */
@Export
@Version("2.0.0")
package io.httun.api.relay;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

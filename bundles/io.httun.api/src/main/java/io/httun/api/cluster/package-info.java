// SPDX-License-Identifier: Apache-2.0
/** Servers behind one load balancer that know each other: members, forwarding of requests, shared counters. */
@Export
@Version("1.0.0")
package io.httun.api.cluster;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

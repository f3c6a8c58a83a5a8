// SPDX-License-Identifier: Apache-2.0
/** Streams: what runs inside a pipe between two ends of ours ({@code wire/streams.md}). */
@Export
@Version("1.0.0")
package io.httun.api.stream;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

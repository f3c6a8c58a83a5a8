// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

/** A crypto service that is there. */
record CryptoProvider(String service, String provider, int ranking) {}

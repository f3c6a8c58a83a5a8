// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.status;

/**
 * A crypto service that is there.
 *
 * @param service the simple name of its contract
 * @param provider its name, by which configurations choose it
 * @param ranking the highest is used by default
 */
public record CryptoProvider(String service, String provider, int ranking) {}

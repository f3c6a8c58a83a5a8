// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tun;

import io.httun.api.target.Decision;
import java.util.List;

/**
 * The one gate for packets. Fails closed: a named filter that is not there denies, and so does one that breaks. A service;
 * thread-safe and never blocking.
 */
@FunctionalInterface
public interface PacketAdmission {
    /**
     * Asks filters about a packet; all must allow it.
     *
     * @param filters their names, in order; empty means any packet
     * @param packet as for {@link PacketFilter#decide}
     */
    Decision admit(List<String> filters, byte[] packet, int offset, int length);
}

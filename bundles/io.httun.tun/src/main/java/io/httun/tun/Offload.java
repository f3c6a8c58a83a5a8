// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

/**
 * The offload of a device.
 *
 * @param header packets carry a {@link Virtio} header
 * @param tcp checksums and TCP segmentation are left to us, and joined TCP packets are accepted
 * @param udp the same for UDP (Linux 6.2 or newer)
 */
record Offload(boolean header, boolean tcp, boolean udp) {
    static final Offload NONE = new Offload(false, false, false);
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * A block of addresses.
 *
 * @param text as configured
 * @param network its first address, 4 or 16 bytes
 * @param bits length of the prefix
 */
record Cidr(String text, byte[] network, int bits) {
    private static final int MAPPED_BITS = 96;

    /** @throws IllegalArgumentException saying what is wrong */
    static Cidr parse(String text) {
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        byte[] network = Addresses.parse(host);
        int width = network.length * Byte.SIZE;
        int bits = slash < 0 ? width : prefix(text.substring(slash + 1), width);
        Cidr cidr = new Cidr(text, network, bits);
        if (!Arrays.equals(network, cidr.mask(network))) {
            throw new IllegalArgumentException("has bits set behind its prefix; the block starts at "
                    + Addresses.text(cidr.mask(network)) + "/" + bits);
        }
        return isMapped(network) && bits >= MAPPED_BITS
                ? new Cidr(
                        text, Arrays.copyOfRange(network, MAPPED_BITS / Byte.SIZE, network.length), bits - MAPPED_BITS)
                : cidr;
    }

    /** IPv4-mapped blocks mean the IPv4 addresses, as which mapped addresses are judged. */
    private static boolean isMapped(byte[] network) {
        byte[] prefix = new byte[MAPPED_BITS / Byte.SIZE];
        prefix[10] = (byte) 0xff;
        prefix[11] = (byte) 0xff;
        return network.length > prefix.length && Arrays.equals(prefix, Arrays.copyOf(network, prefix.length));
    }

    private static int prefix(String text, int width) {
        if (!text.matches("[0-9]{1,3}") || Integer.parseInt(text) > width) {
            throw new IllegalArgumentException("must have a prefix of 0 to " + width + " behind the slash");
        }
        return Integer.parseInt(text);
    }

    boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        return contains(bytes, 0, bytes.length);
    }

    /** Whether this block has the address of {@code length} bytes at an index of an array. */
    boolean contains(byte[] bytes, int at, int length) {
        if (length != network.length) {
            return false;
        }
        int whole = bits / Byte.SIZE;
        for (int i = 0; i < whole; i++) {
            if (bytes[at + i] != network[i]) {
                return false;
            }
        }
        int rest = bits % Byte.SIZE;
        return rest == 0 || ((bytes[at + whole] ^ network[whole]) & 0xff) >>> (Byte.SIZE - rest) == 0;
    }

    private byte[] mask(byte[] address) {
        byte[] masked = address.clone();
        for (int bit = bits; bit < masked.length * Byte.SIZE; bit++) {
            masked[bit / Byte.SIZE] &= (byte) ~(0x80 >>> bit % Byte.SIZE);
        }
        return masked;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Cidr cidr && bits == cidr.bits && Arrays.equals(network, cidr.network);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(network) + bits;
    }

    @Override
    public String toString() {
        return text;
    }
}

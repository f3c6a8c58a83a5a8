// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.net;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Pattern;

/**
 * A block of addresses, {@code ADDRESS} or {@code ADDRESS/BITS}. Matching allocates nothing, because packets are matched too. IPv4-mapped
 * IPv6 (RFC 4291 section 2.5.5.2) is IPv4 everywhere: a mapped block holds IPv4 addresses, an IPv4 block holds mapped addresses. All other
 * IPv6 blocks, also {@code ::/0}, hold no IPv4 address.
 *
 * @param high first 64 bits of its first address; IPv4 in its mapped form
 * @param low last 64 bits
 * @param bits of the prefix, 0 to 128; an IPv4 block has 96 or more
 */
public record Network(long high, long low, int bits) {
    /** With a colon Java takes it for an IPv6 address or for nothing. */
    private static final Pattern IPV6 = Pattern.compile("(?=[^:]*:)[0-9a-fA-F:][0-9a-fA-F:.]*");

    private static final int WIDTH = 128;
    private static final int V4_BITS = 96;
    private static final int V4_BYTES = 4;
    private static final int V6_BYTES = 16;
    private static final long MAPPED = 0xffff_0000_0000L;

    public Network {
        if (bits < 0 || bits > WIDTH) {
            throw new IllegalArgumentException("got a prefix of " + bits + " bits, expected 0 to 128");
        }
        if ((high & ~mask(bits)) != 0 || (low & ~mask(bits - Long.SIZE)) != 0) {
            throw new IllegalArgumentException("has bits set behind its prefix; the block starts at "
                    + new Network(high & mask(bits), low & mask(bits - Long.SIZE), bits));
        }
    }

    /**
     * Reads {@code ADDRESS} or {@code ADDRESS/BITS}.
     *
     * @throws IllegalArgumentException saying what is wrong
     */
    public static Network parse(String text) {
        return parse(text, (first, length) -> {
            byte[] address = first.getAddress();
            return new Network(high(address, 0, address.length), low(address, 0, address.length), bits(first, length));
        });
    }

    /**
     * As above, for what may have bits set behind the prefix: the address of an interface.
     *
     * @param made gets the address and the length of the prefix, 0 to 32 for IPv4
     */
    public static <T> T parse(String text, BiFunction<InetAddress, Integer, T> made) {
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        InetAddress address = literal(host)
                .filter(any -> host.indexOf('%') < 0)
                .orElseThrow(() ->
                        new IllegalArgumentException("is neither an IP address nor a CIDR block such as 10.0.0.0/8"));
        // The prefix of an IPv4-mapped block counts from the front of its 128 bits.
        int width = host.indexOf(':') < 0 ? V4_BYTES * Byte.SIZE : WIDTH;
        int least = host.indexOf(':') < 0 ? 0 : WIDTH - address.getAddress().length * Byte.SIZE;
        int length = slash < 0 ? width : prefix(text.substring(slash + 1), least, width);
        return made.apply(address, length - least);
    }

    /** An address literal with or without a scope, which is left out; empty for anything else. Looks up no name. */
    static Optional<InetAddress> literal(String text) {
        int scope = text.indexOf('%');
        String plain = scope < 0 ? text : text.substring(0, scope);
        if (!NetUtil.isValidIpV4Address(plain) && !IPV6.matcher(plain).matches()) {
            return Optional.empty();
        }
        try {
            // Not Netty's parser, which refuses many IPv6 addresses that end in an IPv4 address.
            return Optional.of(InetAddress.getByName(plain));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static int prefix(String text, int least, int most) {
        if (!text.matches("[0-9]{1,3}") || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
            throw new IllegalArgumentException("must have a prefix of " + least + " to " + most + " behind the slash");
        }
        return Integer.parseInt(text);
    }

    /** The block of an address's first {@code length} bits; the other bits are ignored. */
    public static Network around(InetAddress address, int length) {
        byte[] bytes = address.getAddress();
        int bits = bits(address, length);
        return new Network(
                high(bytes, 0, bytes.length) & mask(bits), low(bytes, 0, bytes.length) & mask(bits - Long.SIZE), bits);
    }

    /** The /64 that one IPv6 host can take addresses from, or the single IPv4 address: what limits per source count as one. */
    public static Network ofHost(InetAddress address) {
        return around(address, address.getAddress().length == V4_BYTES ? V4_BYTES * Byte.SIZE : Long.SIZE);
    }

    /** As {@link #ofHost}, for a source as text; one that is no address stands for itself. */
    public static String sourceGroup(String source) {
        return literal(source).map(address -> ofHost(address).toString()).orElse(source);
    }

    private static int bits(InetAddress address, int length) {
        return address.getAddress().length == V4_BYTES ? length + V4_BITS : length;
    }

    private static long high(byte[] bytes, int at, int length) {
        return length == V4_BYTES ? 0 : ByteBuffer.wrap(bytes).getLong(at);
    }

    private static long low(byte[] bytes, int at, int length) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return length == V4_BYTES ? MAPPED | buffer.getInt(at) & 0xffff_ffffL : buffer.getLong(at + Long.BYTES);
    }

    private static long mask(int ones) {
        return ones <= 0 ? 0 : ones >= Long.SIZE ? -1 : -1L << Long.SIZE - ones;
    }

    private static boolean isV4(long high, long low) {
        return high == 0 && low >>> Integer.SIZE == MAPPED >>> Integer.SIZE;
    }

    /** Whether it holds IPv4 addresses. */
    public boolean isV4() {
        return bits >= V4_BITS && isV4(high, low);
    }

    /** Whether it holds one address only. */
    public boolean isSingle() {
        return bits == WIDTH;
    }

    public boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        return contains(bytes, 0, bytes.length);
    }

    /** Whether this block has the address of 4 or 16 bytes at an index of an array. */
    public boolean contains(byte[] bytes, int at, int length) {
        return contains(high(bytes, at, length), low(bytes, at, length));
    }

    /** As above, for an address of 128 bits; IPv4 in its mapped form. */
    public boolean contains(long addressHigh, long addressLow) {
        return (addressHigh & mask(bits)) == high
                && (addressLow & mask(bits - Long.SIZE)) == low
                && isV4(addressHigh, addressLow) == isV4();
    }

    /** Whether every address of the other block is in this one. */
    public boolean contains(Network other) {
        return other.bits >= bits && contains(other.high, other.low) && other.isV4() == isV4();
    }

    /** Its first address. */
    public InetAddress first() {
        try {
            // Java makes an IPv4 address of a mapped one.
            return InetAddress.getByAddress(
                    ByteBuffer.allocate(V6_BYTES).putLong(high).putLong(low).array());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("16 bytes are an address", e);
        }
    }

    @Override
    public String toString() {
        return NetUtil.toAddressString(first()) + '/' + (isV4() ? bits - V4_BITS : bits);
    }
}

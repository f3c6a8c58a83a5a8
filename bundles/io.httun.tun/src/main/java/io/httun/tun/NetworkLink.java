// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A network interface of the kernel.
 *
 * @param index its number
 */
record NetworkLink(int index, String name, boolean up, int mtu) {
    private static final int FIXED = 16;
    private static final int FLAG_UP = 1;
    private static final int ATTRIBUTE_NAME = 3;
    private static final int ATTRIBUTE_MTU = 4;

    private static final int ADDRESS_FIXED = 8;
    private static final int ATTRIBUTE_ADDRESS = 1;
    private static final int ATTRIBUTE_LOCAL = 2;
    private static final int FLAG_NO_DAD = 2;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int LENGTH_V4 = 4;

    /** An address with the index of its interface. */
    record Assigned(int index, Prefix address) {}

    static Optional<NetworkLink> find(Netlink netlink, String name) {
        List<NetworkLink> found = new ArrayList<>();
        netlink.request(Netlink.GET_LINK, 0).putLong(0).putLong(0);
        netlink.attribute(ATTRIBUTE_NAME, (name + '\0').getBytes(StandardCharsets.UTF_8));
        int errno = netlink.exchange(message -> {
            int[] mtu = new int[1];
            Netlink.attributes(message, FIXED, (type, value) -> {
                if (type == ATTRIBUTE_MTU) {
                    mtu[0] = Netlink.number(value);
                }
            });
            found.add(new NetworkLink(message.getInt(4), name, (message.getInt(8) & FLAG_UP) != 0, mtu[0]));
        });
        if (errno != 0 && errno != LibC.ENODEV) {
            throw LinuxException.of(errno, "cannot look up " + name);
        }
        return found.stream().findFirst();
    }

    void setMtu(Netlink netlink, int bytes) {
        change(netlink, 0, 0).attribute(ATTRIBUTE_MTU, bytes);
        check(netlink.send(), "cannot set the MTU of " + name + " to " + bytes);
    }

    void setUp(Netlink netlink, boolean wanted) {
        change(netlink, wanted ? FLAG_UP : 0, FLAG_UP);
        check(netlink.send(), "cannot bring " + name + (wanted ? " up" : " down"));
    }

    void delete(Netlink netlink) {
        netlink.request(Netlink.DELETE_LINK, 0).putInt(0).putInt(index).putLong(0);
        check(netlink.send(), "cannot remove " + name);
    }

    private Netlink change(Netlink netlink, int flags, int mask) {
        netlink.request(Netlink.NEW_LINK, 0)
                .putInt(0)
                .putInt(index)
                .putInt(flags)
                .putInt(mask);
        return netlink;
    }

    void addAddress(Netlink netlink, Prefix address) {
        int errno = address(netlink, Netlink.NEW_ADDRESS, Netlink.CREATE | Netlink.EXCLUSIVE, address);
        check(errno == LibC.EEXIST ? 0 : errno, "cannot assign " + address + " to " + name);
    }

    void removeAddress(Netlink netlink, Prefix address) {
        int errno = address(netlink, Netlink.DELETE_ADDRESS, 0, address);
        check(errno == LibC.EADDRNOTAVAIL ? 0 : errno, "cannot remove the address " + address + " from " + name);
    }

    private int address(Netlink netlink, int type, int flags, Prefix address) {
        byte[] raw = address.address().getAddress();
        netlink.request(type, flags)
                .put((byte) (address.isV4() ? AF_INET : AF_INET6))
                .put((byte) address.length())
                .put((byte) FLAG_NO_DAD)
                .put((byte) 0)
                .putInt(index);
        return netlink.attribute(ATTRIBUTE_LOCAL, raw)
                .attribute(ATTRIBUTE_ADDRESS, raw)
                .send();
    }

    /** All addresses of this host. */
    static List<Assigned> addresses(Netlink netlink) {
        List<Assigned> all = new ArrayList<>();
        netlink.dump(Netlink.GET_ADDRESS, 0, message -> {
            byte[][] raw = new byte[1][];
            Netlink.attributes(message, ADDRESS_FIXED, (type, value) -> {
                if (type == ATTRIBUTE_LOCAL || type == ATTRIBUTE_ADDRESS && raw[0] == null) {
                    raw[0] = value;
                }
            });
            int family = message.get(0);
            if (raw[0] != null && raw[0].length == (family == AF_INET ? LENGTH_V4 : LENGTH_V4 * LENGTH_V4)) {
                all.add(new Assigned(message.getInt(4), Prefix.of(raw[0], message.get(1) & 0xff)));
            }
        });
        return all;
    }

    private static void check(int errno, String what) {
        if (errno != 0) {
            throw LinuxException.of(errno, what);
        }
    }
}

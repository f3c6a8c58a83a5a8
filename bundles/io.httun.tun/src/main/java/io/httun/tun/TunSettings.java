// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.config.ConfigException;
import io.httun.api.config.StrictConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/** The configuration of a TUN device, checked. */
record TunSettings(
        String name,
        String device,
        int mtu,
        List<Prefix> addresses,
        List<Prefix> routes,
        String owner,
        boolean downWhenDisconnected,
        int queues,
        boolean offload) {
    /** IFNAMSIZ without the final zero. */
    private static final int MAX_DEVICE_NAME = 15;

    /** Of one device. */
    static final int MAX_QUEUES = 8;

    private static final int LEAST_MTU = 68;
    private static final int LEAST_V6_MTU = 1280;

    static TunSettings read(Map<String, ?> properties) {
        return StrictConfig.read(TunConfig.class, properties, TunSettings::of);
    }

    private static TunSettings of(TunConfig config) {
        if (config.name().isEmpty()) {
            throw new ConfigException("name", config.name(), "must not be empty");
        }
        List<Prefix> addresses = prefixes("addresses", config.addresses(), TunSettings::address);
        List<Prefix> routes = prefixes("routes", config.routes(), TunSettings::route);
        return new TunSettings(
                config.name(),
                device(config.device()),
                mtu(config.mtu(), addresses, routes),
                addresses,
                routes,
                config.owner(),
                isDown(config.when_disconnected()),
                StrictConfig.range("queues", config.queues(), 1, MAX_QUEUES),
                config.offload());
    }

    private static String device(String device) {
        // A percent sign would make the kernel number the devices.
        if (device.length() > MAX_DEVICE_NAME || !device.matches("[^\\s/:%]+") || device.matches("\\.\\.?")) {
            throw new ConfigException("device", device, "must be an interface name of 1 to 15 characters");
        }
        return device;
    }

    private static int mtu(int mtu, List<Prefix> addresses, List<Prefix> routes) {
        if (mtu == 0) {
            return mtu;
        }
        boolean v4 =
                addresses.stream().allMatch(Prefix::isV4) && routes.stream().allMatch(Prefix::isV4);
        if (!v4 && mtu < LEAST_V6_MTU) {
            throw new ConfigException(
                    "mtu",
                    mtu,
                    "is too small for IPv6, which needs " + LEAST_V6_MTU
                            + "; raise it or remove the IPv6 addresses and routes");
        }
        return StrictConfig.range("mtu", mtu, LEAST_MTU, 65_535);
    }

    private static List<Prefix> prefixes(String property, String[] values, BiFunction<String, Prefix, Prefix> check) {
        List<Prefix> prefixes = Arrays.stream(values)
                .map(value -> check.apply(property, Prefix.parse(property, value)))
                .toList();
        if (Set.copyOf(prefixes).size() < prefixes.size()) {
            throw new ConfigException(property, String.join(", ", values), "must not name one of them twice");
        }
        return prefixes;
    }

    private static Prefix address(String property, Prefix prefix) {
        if (prefix.address().isMulticastAddress() || prefix.address().isAnyLocalAddress()) {
            throw new ConfigException(property, prefix, "is no address that a host can have");
        }
        return prefix;
    }

    private static Prefix route(String property, Prefix prefix) {
        if (!prefix.equals(prefix.network())) {
            throw new ConfigException(
                    property, prefix, "has bits behind its prefix; did you mean " + prefix.network() + "?");
        }
        return prefix;
    }

    private static boolean isDown(String value) {
        if (!value.matches("up|down")) {
            throw new ConfigException("when.disconnected", value, "must be up or down");
        }
        return value.equals("down");
    }
}

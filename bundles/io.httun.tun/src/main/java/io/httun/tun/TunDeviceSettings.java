// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.InterfaceName;
import io.httun.toolkit.config.StrictConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/** The settings of a TUN device. */
record TunDeviceSettings(
        String name,
        String device,
        int mtu,
        List<Prefix> addresses,
        List<Prefix> routes,
        String owner,
        boolean downWhenDisconnected,
        int queues,
        boolean offload) {
    /** Of one device. */
    static final int MAX_QUEUES = 8;

    private static final int LEAST_MTU = 68;
    private static final int LEAST_V6_MTU = 1280;

    static TunDeviceSettings read(Map<String, ?> properties) {
        return StrictConfig.read(TunConfig.class, properties, TunDeviceSettings::of);
    }

    private static TunDeviceSettings of(TunConfig config) {
        if (config.name().isEmpty()) {
            throw new ConfigException("name", config.name(), "must not be empty");
        }
        List<Prefix> addresses = prefixes("addresses", config.addresses(), TunDeviceSettings::address);
        List<Prefix> routes = prefixes("routes", config.routes(), TunDeviceSettings::route);
        return new TunDeviceSettings(
                config.name(),
                InterfaceName.check("device", config.device()),
                mtu(config.mtu(), addresses, routes),
                addresses,
                routes,
                config.owner(),
                isDown(config.when_disconnected()),
                StrictConfig.range("queues", config.queues(), 1, MAX_QUEUES),
                config.offload());
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
            throw new ConfigException(property, String.join(", ", values), "must not contain an entry twice");
        }
        return prefixes;
    }

    private static Prefix address(String property, Prefix prefix) {
        if (prefix.address().isMulticastAddress() || prefix.address().isAnyLocalAddress()) {
            throw new ConfigException(property, prefix, "is not an address of a host");
        }
        return prefix;
    }

    private static Prefix route(String property, Prefix prefix) {
        if (!prefix.equals(prefix.network())) {
            throw new ConfigException(
                    property, prefix, "has bits set after its prefix; did you mean " + prefix.network() + "?");
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

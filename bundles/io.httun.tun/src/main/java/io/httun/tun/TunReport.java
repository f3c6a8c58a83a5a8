// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.status.RouteStatus;
import io.httun.api.status.TunStatus;
import io.netty.util.NetUtil;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The status of a device for the shell. */
final class TunReport {
    private TunReport() {}

    static TunStatus status(
            TunDeviceSettings settings,
            int mtu,
            String problem,
            String routeProblem,
            String user,
            PacketCounters counters) {
        return new TunStatus(
                settings.name(),
                settings.device(),
                problem.isEmpty() ? user.isEmpty() ? "unused" : "up" : "failed",
                mtu,
                addresses(settings.device()),
                user,
                counters.packetsIn.sum(),
                counters.packetsOut.sum(),
                counters.bytesIn.sum(),
                counters.bytesOut.sum(),
                counters.drops(),
                problem.isEmpty() ? routeProblem : problem);
    }

    /** All addresses of the interface, regardless of their origin. */
    private static String addresses(String device) {
        try {
            return Optional.ofNullable(NetworkInterface.getByName(device)).stream()
                    .flatMap(found -> found.getInterfaceAddresses().stream())
                    .map(address -> new Prefix(address.getAddress(), address.getNetworkPrefixLength()))
                    .map(Prefix::toString)
                    .sorted()
                    .collect(Collectors.joining(" "));
        } catch (SocketException e) {
            return "unknown: " + e.getMessage();
        }
    }

    static List<RouteStatus> routes(TunDeviceSettings settings, List<KernelRoute> routes) {
        return routes.stream().map(route -> row(settings, route)).toList();
    }

    private static RouteStatus row(TunDeviceSettings settings, KernelRoute route) {
        boolean outside = settings.routes().stream().flatMap(Prefix::split).noneMatch(route.destination()::equals);
        return new RouteStatus(
                settings.name(),
                route.destination().toString(),
                route.gateway().map(NetUtil::toAddressString).orElse(""),
                outside ? outsideDevice(route) : settings.device(),
                outside ? "outside" : "tunnel",
                "set");
    }

    private static String outsideDevice(KernelRoute route) {
        try {
            return Optional.ofNullable(NetworkInterface.getByIndex(route.index()))
                    .map(NetworkInterface::getName)
                    .orElse("gone");
        } catch (SocketException e) {
            return "unknown: " + e.getMessage();
        }
    }
}

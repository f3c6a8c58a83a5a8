// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import com.sun.jna.Pointer;
import io.httun.api.HttunException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the queues of a device, with all offload that the kernel supports. */
final class TunOpener {
    private static final Logger LOG = LoggerFactory.getLogger(TunOpener.class);

    private static final String CLONE = "/dev/net/tun";
    private static final long SET_INTERFACE = 0x400454caL;
    private static final long SET_PERSISTENT = 0x400454cbL;
    private static final long SET_OWNER = 0x400454ccL;
    private static final long SET_OFFLOAD = 0x400454d0L;
    private static final long GET_FEATURES = 0x800454cfL;

    private static final int IFF_TUN = 0x1;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_MULTI_QUEUE = 0x100;
    private static final int IFF_VNET_HDR = 0x4000;

    /** Checksums and TCP segmentation of both families, with congestion notification. */
    private static final int OFFLOAD_TCP = 0xf;

    private static final int OFFLOAD_UDP = 0x60;

    /** {@code struct ifreq}. */
    private static final int REQUEST = 40;

    private static final int NAME = 16;
    private static final int UID_AT = 16;

    private TunOpener() {}

    /** Opens all queues; creates the interface unless it exists. */
    static List<TunQueue> open(TunDeviceSettings settings, PacketCounters counters) {
        List<TunQueue> queues = new ArrayList<>();
        try {
            for (int i = 0; i < settings.queues(); i++) {
                queues.add(openQueue(settings, counters, i == 0));
            }
            return queues;
        } catch (HttunException e) {
            queues.forEach(TunQueue::close);
            throw e;
        }
    }

    private static TunQueue openQueue(TunDeviceSettings settings, PacketCounters counters, boolean first) {
        int fd = LibC.open(CLONE, LibC.O_RDWR_NONBLOCK_CLOEXEC);
        if (fd < 0) {
            throw notOpened(LibC.errno());
        }
        try {
            boolean header = settings.offload() && hasHeader(fd);
            attach(fd, settings, header);
            Offload offload = header ? offload(fd) : Offload.NONE;
            if (first && settings.offload() && !offload.udp()) {
                LOG.info(
                        "The kernel supports no {} for {}; the device works with a higher cost per packet",
                        offload.tcp() ? "UDP segmentation offload" : "segmentation offload",
                        settings.device());
            }
            return new TunQueue(fd, offload, counters);
        } catch (HttunException e) {
            LibC.close(fd);
            throw e;
        }
    }

    private static boolean hasHeader(int fd) {
        KernelMemory features = new KernelMemory(REQUEST);
        return features.ioctl(fd, GET_FEATURES) == 0 && (features.bytes().getInt(0) & IFF_VNET_HDR) != 0;
    }

    private static void attach(int fd, TunDeviceSettings settings, boolean header) {
        KernelMemory request = new KernelMemory(REQUEST);
        request.bytes().put(settings.device().getBytes(StandardCharsets.UTF_8));
        request.bytes().putShort(NAME, (short)
                (IFF_TUN | IFF_NO_PI | (header ? IFF_VNET_HDR : 0) | (settings.queues() > 1 ? IFF_MULTI_QUEUE : 0)));
        if (request.ioctl(fd, SET_INTERFACE) < 0) {
            throw notAttached(LibC.errno(), settings);
        }
    }

    private static Offload offload(int fd) {
        if (LibC.ioctl(fd, SET_OFFLOAD, OFFLOAD_TCP | OFFLOAD_UDP) == 0) {
            return new Offload(true, true, true);
        }
        return new Offload(true, LibC.ioctl(fd, SET_OFFLOAD, OFFLOAD_TCP) == 0, false);
    }

    /** Makes the interface persistent, or removes it with its last descriptor. */
    static void setPersistent(TunQueue queue, boolean persistent) {
        if (LibC.ioctl(queue.fd(), SET_PERSISTENT, persistent ? 1 : 0) < 0) {
            throw LinuxException.of(
                    LibC.errno(), "cannot make the device " + (persistent ? "persistent" : "temporary"));
        }
    }

    static void setOwner(TunQueue queue, String owner) {
        if (!owner.isEmpty() && LibC.ioctl(queue.fd(), SET_OWNER, uid(owner)) < 0) {
            throw LinuxException.of(LibC.errno(), "cannot make " + owner + " the owner of the device");
        }
    }

    private static long uid(String owner) {
        if (owner.matches("\\d{1,9}")) {
            return Long.parseLong(owner);
        }
        Pointer user = LibC.getpwnam(owner);
        if (user == null) {
            throw new HttunException("owner = " + owner + ": no such user on this host");
        }
        return Integer.toUnsignedLong(user.getInt(UID_AT));
    }

    private static LinuxException notOpened(int errno) {
        return switch (errno) {
            case LibC.ENOENT, LibC.ENXIO, LibC.ENODEV ->
                new LinuxException(
                        errno,
                        CLONE
                                + " does not exist: load the kernel module (modprobe tun); in a container, pass the device (--device "
                                + CLONE + ")");
            case LibC.EACCES, LibC.EPERM ->
                new LinuxException(
                        errno, CLONE + " may not be opened by this user: chmod 0666 " + CLONE + ", or run as root");
            default -> LinuxException.of(errno, "cannot open " + CLONE);
        };
    }

    private static LinuxException notAttached(int errno, TunDeviceSettings settings) {
        String device = settings.device();
        return switch (errno) {
            case LibC.EPERM ->
                new LinuxException(
                        errno,
                        "not permitted to open " + device
                                + ": run as root or with CAP_NET_ADMIN, or create it beforehand (ip tuntap add dev "
                                + device + " mode tun user " + System.getProperty("user.name") + ")");
            case LibC.EBUSY ->
                new LinuxException(
                        errno,
                        device + " is in use by another program: stop that program, or configure another device");
            case LibC.EINVAL ->
                new LinuxException(
                        errno,
                        "an interface " + device + " exists that is not a TUN device with "
                                + (settings.queues() > 1 ? "several queues" : "one queue")
                                + ": configure another device, or remove it (ip link delete " + device + ")");
            default -> LinuxException.of(errno, "cannot open the device " + device);
        };
    }
}

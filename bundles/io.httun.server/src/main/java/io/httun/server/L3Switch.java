// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.HttunException;
import io.httun.api.target.Decision;
import io.httun.api.tun.PacketAdmission;
import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.PacketReceiver;
import io.httun.api.tun.TunDevice;
import io.httun.api.tun.TunDrop;
import io.httun.api.tun.TunPort;
import io.httun.protocol.IcmpError;
import io.httun.protocol.IpPacket;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries IP packets between a channel's TUN device and its clients, and tells the clients apart by their addresses. */
final class L3Switch implements PacketReceiver {
    private static final Logger LOG = LoggerFactory.getLogger(L3Switch.class);
    private static final long MEMORY_SHARE = 8;
    private static final int MOST_WAITING = 4 << 20;
    private static final int LEAST_WAITING = 128 << 10;
    private static final int ERRORS_PER_SECOND = 100;

    private final Parts parts;
    private final ServerChannel channel;
    private final AddressTable addresses;
    private final Map<UUID, L3Client> clients = new ConcurrentHashMap<>();
    private final TokenBucket errors = new TokenBucket();
    private volatile TunDevice device;
    private volatile TunPort port;

    L3Switch(Parts parts, ServerChannel channel) {
        this.parts = parts;
        this.channel = channel;
        this.addresses = new AddressTable(parts.agreement());
    }

    // ---- the device ----

    /** @param next null for none */
    synchronized void use(TunDevice next) {
        if (next == device) {
            return;
        }
        if (port != null) {
            port.close();
            port = null;
        }
        device = next;
        if (next == null) {
            return;
        }
        try {
            TunPort taken = next.attach("channel " + channel.name(), this);
            port = taken;
            taken.route(List.of());
        } catch (HttunException e) {
            LOG.error("Channel {}: {}", channel.name(), e.getMessage());
        }
    }

    /** Counts dropped packets. */
    void drop(TunDrop cause, int packets) {
        TunPort now = port;
        if (now != null) {
            now.drop(cause, packets);
        }
    }

    // ---- clients ----

    /** The client that has this session. */
    L3Client join(Session session) {
        L3Client client = clients.computeIfAbsent(session.client(), added -> new L3Client(this, session));
        client.session(session);
        addresses.assign(client, channel.settings().l3());
        return client;
    }

    /** A session has ended, and with it its client, unless that has another session. */
    void ended(Session session) {
        L3Client client = clients.get(session.client());
        if (client == null || client.session() != session) {
            return;
        }
        Session successor = channel.sessions().current(session.client());
        if (successor != null && successor != session) {
            client.session(successor);
        } else if (clients.remove(session.client(), client)) {
            addresses.forget(client);
            client.queue().clear();
        }
    }

    int queueLimit() {
        long share = Runtime.getRuntime().maxMemory() / MEMORY_SHARE / Math.max(1, clients.size());
        return (int) Math.max(LEAST_WAITING, Math.min(MOST_WAITING, share));
    }

    // ---- from clients ----

    /** Passes packets on to the device, and releases them. */
    void fromClient(L3Client client, List<ByteBuf> packets) {
        TunPort out = port;
        try {
            if (out == null) {
                return;
            }
            PacketBatch batch = new PacketBatch(packets.size());
            for (ByteBuf packet : packets) {
                int offset = packet.arrayOffset() + packet.readerIndex();
                TunDrop cause = judge(client, packet.array(), offset, packet.readableBytes());
                if (cause == null) {
                    batch.add(packet.array(), offset, packet.readableBytes());
                } else {
                    out.drop(cause, 1);
                }
            }
            if (!batch.isEmpty()) {
                out.write(batch);
            }
        } finally {
            packets.forEach(ByteBuf::release);
        }
    }

    /** Why a packet of a client is not passed on; null if it is. */
    private TunDrop judge(L3Client client, byte[] packet, int offset, int length) {
        TunDrop defect = IpPacket.defect(packet, offset, length);
        if (defect != null) {
            return defect;
        }
        IpAddress source = IpAddress.sourceOf(packet, offset);
        if (!source.equals(client.lastSource())) {
            if (source.isUnspecified()) {
                // The host has no address yet.
                return TunDrop.NO_PEER;
            }
            if (!addresses.claim(client, source, channel.settings().l3())) {
                return TunDrop.SPOOFED;
            }
            client.lastSource(source);
        }
        if (!isAllowed(packet, offset, length)) {
            tell(client, () -> IcmpError.prohibited(packet, offset, length));
            return TunDrop.FILTERED;
        }
        TunDevice to = device;
        if (to != null && !IpPacket.passes(packet, offset, length, to.mtu())) {
            tell(client, () -> IcmpError.tooBig(packet, offset, length, to.mtu()));
            return TunDrop.TOO_BIG;
        }
        return null;
    }

    private void tell(L3Client client, Supplier<Optional<byte[]>> what) {
        if (errors.take(ERRORS_PER_SECOND)) {
            what.get().ifPresent(error -> {
                client.queue().add(error, 0, error.length);
                client.session().pumpPackets();
            });
        }
    }

    private boolean isAllowed(byte[] packet, int offset, int length) {
        List<String> filters = channel.settings().l3().filters();
        if (filters.isEmpty()) {
            return true;
        }
        PacketAdmission admission = parts.packets().get();
        return admission != null && admission.admit(filters, packet, offset, length) instanceof Decision.Allow;
    }

    // ---- from the device ----

    @Override
    public void received(PacketBatch batch) {
        L3Client last = null;
        IpAddress lastDestination = null;
        for (int i = 0; i < batch.size(); i++) {
            byte[] packet = batch.array(i);
            int offset = batch.offset(i);
            IpAddress destination = IpAddress.destinationOf(packet, offset);
            L3Client client = destination.equals(lastDestination) ? last : addresses.find(destination);
            if (client != last && last != null) {
                last.session().pumpPackets();
            }
            last = client;
            lastDestination = destination;
            if (client == null) {
                drop(TunDrop.NO_PEER, 1);
            } else if (isAllowed(packet, offset, batch.length(i))) {
                client.queue().add(packet, offset, batch.length(i));
            } else {
                refuse(packet, offset, batch.length(i));
            }
        }
        if (last != null) {
            last.session().pumpPackets();
        }
    }

    private void refuse(byte[] packet, int offset, int length) {
        TunPort out = port;
        if (out == null) {
            return;
        }
        out.drop(TunDrop.FILTERED, 1);
        if (errors.take(ERRORS_PER_SECOND)) {
            IcmpError.prohibited(packet, offset, length).ifPresent(error -> {
                PacketBatch answer = new PacketBatch(1);
                answer.add(error, 0, error.length);
                out.write(answer);
            });
        }
    }

    int clients() {
        return clients.size();
    }
}

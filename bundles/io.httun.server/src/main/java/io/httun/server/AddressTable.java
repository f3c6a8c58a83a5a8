// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.KeyAgreement;
import io.httun.protocol.PeerId;
import io.httun.server.L3Settings.Assigned;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Which client of a channel has which addresses: assigned ones, or those it was the first to send from. Thread-safe. */
final class AddressTable {
    /** Addresses that one client may have at once; a new one replaces the one that it used least recently. */
    static final int MOST_PER_CLIENT = 256;

    private static final int MOST = 65_536;

    private final Map<IpAddress, L3Client> holders = new ConcurrentHashMap<>();
    private final Map<L3Client, Map<IpAddress, Boolean>> held = new ConcurrentHashMap<>();
    private final Supplier<KeyAgreement> hash;

    /** @param hash that our own clients make of their UUIDs; gives null while the service is missing */
    AddressTable(Supplier<KeyAgreement> hash) {
        this.hash = hash;
    }

    /** The client that has an address; null for none. */
    L3Client find(IpAddress address) {
        return holders.get(address);
    }

    /** Whether a client may send from an address, which it has from then on. */
    boolean claim(L3Client client, IpAddress source, L3Settings settings) {
        L3Client holder = holders.get(source);
        if (holder == client) {
            return true;
        }
        if (!source.isHost()) {
            return false;
        }
        if (!settings.assigned().isEmpty() && settings.antiSpoof() && !isAssigned(client, source, settings)) {
            return false;
        }
        if (holder != null && settings.antiSpoof() && settings.assigned().isEmpty() && !holder.isSilent()) {
            return false;
        }
        return take(client, source);
    }

    /** Gives a client the single addresses that are assigned to it, so that it can be reached before it has sent anything. */
    void assign(L3Client client, L3Settings settings) {
        for (Assigned one : settings.assigned()) {
            if (one.prefix().isSingle() && isSame(one.client(), client.uuid())) {
                take(client, IpAddress.of(one.prefix().first()));
            }
        }
    }

    private boolean isAssigned(L3Client client, IpAddress address, L3Settings settings) {
        for (Assigned one : settings.assigned()) {
            if (one.prefix().contains(address.high(), address.low()) && isSame(one.client(), client.uuid())) {
                return true;
            }
        }
        return false;
    }

    /** A stock client shows its UUID itself; one of ours its hash. */
    private boolean isSame(UUID configured, UUID shown) {
        if (configured.equals(shown)) {
            return true;
        }
        KeyAgreement now = hash.get();
        return PeerId.capabilities(shown) != 0 && now != null && PeerId.isOfConfigured(shown, configured, now);
    }

    private synchronized boolean take(L3Client client, IpAddress address) {
        L3Client before = holders.get(address);
        if (before == null && holders.size() >= MOST) {
            return false;
        }
        if (before != null && before != client) {
            held.get(before).remove(address);
            before.lastSource(null);
        }
        holders.put(address, client);
        Map<IpAddress, Boolean> own = held.computeIfAbsent(client, added -> new LinkedHashMap<>(16, 0.75f, true));
        own.put(address, Boolean.TRUE);
        if (own.size() > MOST_PER_CLIENT) {
            IpAddress oldest = own.keySet().iterator().next();
            own.remove(oldest);
            holders.remove(oldest, client);
            client.lastSource(null);
        }
        return true;
    }

    synchronized void forget(L3Client client) {
        Map<IpAddress, Boolean> own = held.remove(client);
        if (own != null) {
            own.keySet().forEach(address -> holders.remove(address, client));
        }
    }

    int size() {
        return holders.size();
    }
}

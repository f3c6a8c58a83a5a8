// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tun;

import io.httun.api.HttunException;
import java.net.InetAddress;
import java.util.Collection;

/** A device in use, from {@link TunDevice#attach} to {@link #close()}. Thread-safe. */
public interface TunPort extends AutoCloseable {
    /**
     * Writes packets to the device, in order; the kernel then treats them as received. Consecutive segments of one TCP or UDP flow are
     * handed over together where the kernel can (GRO), so a batch should hold everything that is there at the moment; nothing is held back
     * for a later batch. What is no whole IP packet is dropped and counted, and so is everything while the device does not work or
     * after {@link #close()}. TCP packets larger than the device's MTU are cut; others are for the user to refuse. Never blocks, never allocates, never
     * throws for anything that a batch can hold. What the kernel answers at once may be received before this returns: to be called without a lock that
     * {@link PacketReceiver#received} wants.
     *
     * @param batch read only, and not after the return; stays the caller's, which may reuse it and its arrays
     * @return how many packets the kernel took, pieces of others included
     */
    int write(PacketBatch batch);

    /**
     * Counts packets that the user did not pass on, so that one place shows all drops of a device by cause. Never allocates.
     *
     * @param packets how many
     */
    void drop(TunDrop cause, int packets);

    /**
     * Puts the configured routes through the device in place, if there are any, after making sure that {@code outside} stays reachable as it is now.
     * A server has nothing to keep outside and calls this once; a client calls it before its first connection, with every address its HTTP connections go
     * to (server or proxy), and again when they change. Some system calls, well below a millisecond each.
     *
     * @throws HttunException if a configured route would cut off one of the addresses, in a sentence that says what to do; the
     *     routes are then as before
     */
    void route(Collection<InetAddress> outside);

    /**
     * Tells whether the tunnel behind this device works at the moment. Depending on the configuration the device stays up without it,
     * which is the default, or goes down. A new port counts as connected.
     */
    void connected(boolean connected);

    /**
     * Gives the device back: no packet is received after the return, except where this is called by the receiver. Routes made by
     * {@link #route} are taken back, unless it is only the device's bundle that stops: its successor finds them in place. To be called when the
     * {@link TunDevice} service goes. Idempotent.
     */
    @Override
    void close();
}

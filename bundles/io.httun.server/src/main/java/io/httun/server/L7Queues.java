// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.protocol.FrameBody;
import io.httun.protocol.L7Container;
import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.util.Deque;

/**
 * The queued bytes of one connection, and the states of its two directions. Frames come and go on any thread, the relay works on
 * its event loop: the monitor guards everything, and no callback runs while it is held.
 *
 * <pre>
 * from the client   OPEN --close--> CLOSED                 the target's output ends behind what is queued
 *                   OPEN --end told, or channel closed--> DEAF --close--> CLOSED
 *                   any --session ended--> ABORTED  the target is reset; it must see no end before
 * to the client     OPEN --output shut, or closed in order--> ENDED --fetched--> TOLD
 * </pre>
 *
 * <p>CLOSED and TOLD together: both peers know, and the session may have another connection.
 */
final class L7Queues {
    private enum FromClient {
        OPEN,
        DEAF,
        CLOSED,
        ABORTED
    }

    private enum ToClient {
        OPEN,
        ENDED,
        TOLD
    }

    /** The outcome of filling a frame. */
    enum Filled {
        /** The frame is empty: nothing waits, or nothing fits. */
        NOTHING,
        /** The frame has bytes or the end. */
        SOME,
        /** The frame has bytes, and the queue has room again. */
        WITH_ROOM,
        /** The frame has the end, and nothing more is taken from the client. */
        WITH_END
    }

    /** Bytes for which a batch gets one more frame: fewer wait for the next batch. */
    private static final int SMALL = 4096;

    private final InetAddress address;
    private final int port;
    private final ClientBytes toTarget;
    private final TargetBytes fromTarget;
    private FromClient fromClient = FromClient.OPEN;
    private ToClient toClient = ToClient.OPEN;
    private boolean deliveryPlanned;

    L7Queues(QueueBudget budget, InetAddress address, int port) {
        this.address = address;
        this.port = port;
        this.toTarget = new ClientBytes(budget);
        this.fromTarget = new TargetBytes(budget);
    }

    InetAddress address() {
        return address;
    }

    int port() {
        return port;
    }

    // ---- what the client sends ----

    boolean isFor(L7Container container) {
        return port == container.port() && address.equals(container.address());
    }

    synchronized boolean isClientClosed() {
        return fromClient == FromClient.CLOSED;
    }

    /** Whether more may be taken for the target; if not, {@link #isRoomDue} says when. */
    synchronized boolean hasRoom() {
        return fromClient != FromClient.OPEN || toTarget.hasRoom();
    }

    /** Whether the relay has everything that was taken; if not, {@link #isRoomDue} says when. */
    synchronized boolean isDrained() {
        return toTarget.isDrained();
    }

    /** Takes bytes for the target, or drops them once it cannot get them. Returns whether their delivery is to be planned. */
    synchronized boolean take(ByteBuf data) {
        if (fromClient != FromClient.OPEN) {
            data.release();
            return false;
        }
        toTarget.add(data);
        boolean plan = !deliveryPlanned;
        deliveryPlanned = true;
        return plan;
    }

    synchronized void closeByClient() {
        fromClient = FromClient.CLOSED;
    }

    /** The client has another connection: what it sent for this one still goes to the target. */
    synchronized void release() {
        fromClient = FromClient.CLOSED;
        toClient = ToClient.TOLD;
        fromTarget.discard();
    }

    synchronized void abort() {
        fromClient = FromClient.ABORTED;
        toClient = ToClient.TOLD;
        toTarget.discard();
        fromTarget.discard();
    }

    // ---- what the relay reads ----

    /** A planned delivery begins; bytes that come from now on need another. */
    synchronized void delivering() {
        deliveryPlanned = false;
    }

    /** The next bytes, which belong to the caller; null for none. */
    synchronized ByteBuf poll() {
        return toTarget.poll();
    }

    /** Whether the inbox waits for room, and there is room now. True once. */
    synchronized boolean isRoomDue() {
        return toTarget.isRoomDue();
    }

    /** Whether the relay has read everything that will ever come. */
    synchronized boolean isInputEnded() {
        return (fromClient == FromClient.CLOSED || fromClient == FromClient.DEAF) && toTarget.isEmpty();
    }

    // ---- what the relay writes ----

    /** Takes a reference to bytes of the target. Returns false if there is no room; {@link Filled#WITH_ROOM} says when. */
    synchronized boolean offer(ByteBuf bytes) {
        if (!bytes.isReadable() || toClient == ToClient.TOLD) {
            return true;
        }
        if (fromTarget.isFull()) {
            return false;
        }
        fromTarget.add(bytes.retain());
        return true;
    }

    synchronized void endOutput() {
        if (toClient == ToClient.OPEN) {
            toClient = ToClient.ENDED;
        }
    }

    /** What was written before a close in order, whether there is room or not; ownership passes. */
    synchronized void offerTail(Deque<ByteBuf> tail) {
        if (toClient == ToClient.TOLD) {
            tail.forEach(ByteBuf::release);
        } else {
            tail.forEach(fromTarget::add);
        }
    }

    synchronized void closed() {
        endOutput();
        if (fromClient == FromClient.OPEN) {
            fromClient = FromClient.DEAF;
        }
        toTarget.discard();
    }

    // ---- what the client fetches ----

    /** Whether client and target have both closed, and each knows that the other has. */
    synchronized boolean isOver() {
        return toClient == ToClient.TOLD && fromClient == FromClient.CLOSED;
    }

    /** Whether bytes wait for one of the sides to take them. */
    synchronized boolean isBlocked() {
        return fromTarget.readableBytes() > 0 || !toTarget.isEmpty();
    }

    /** Whether a client that asks may still expect bytes, however long it waits. */
    synchronized boolean mayWait() {
        return fromClient == FromClient.OPEN;
    }

    /** As {@link io.httun.protocol.FrameSource#waiting}. */
    synchronized int waiting() {
        int bytes = fromTarget.readableBytes();
        if (bytes == 0 && !isEndDue()) {
            return -1;
        }
        int frames = bytes / L7Container.MAX_DATA + 1;
        return bytes + frames * (FrameBody.OVERHEAD + L7Container.HEADER_LENGTH);
    }

    private boolean isEndDue() {
        return toClient == ToClient.ENDED;
    }

    /** Moves the next container with bytes of the target, or its end, to a frame. */
    synchronized Filled fill(ByteBuf frame) {
        int room = FrameBody.room(frame) - L7Container.HEADER_LENGTH;
        int available = Math.min(fromTarget.readableBytes(), L7Container.MAX_DATA);
        if (available == 0) {
            return isEndDue() && room >= 0 ? fillEnd(frame) : Filled.NOTHING;
        }
        if (room < Math.min(available, SMALL)) {
            return Filled.NOTHING;
        }
        L7Container.writeHeader(frame, address, port);
        return fromTarget.take(frame, Math.min(available, room)) ? Filled.WITH_ROOM : Filled.SOME;
    }

    private Filled fillEnd(ByteBuf frame) {
        L7Container.writeHeader(frame, address, port);
        toClient = ToClient.TOLD;
        if (fromClient != FromClient.OPEN) {
            return Filled.SOME;
        }
        fromClient = FromClient.DEAF;
        return Filled.WITH_END;
    }
}

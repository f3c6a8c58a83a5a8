// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.cluster.ChannelTally;
import io.httun.api.status.DrainStatus;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a member tells all others, as one message of at most {@link #MAX_BYTES}: numbers are big-endian, a text is its length in one byte and that
 * many of UTF-8.
 *
 * <pre>
 * version 1 | node 1 | state 1 | sessions 4 | hash of channels 32 | port 2 | address 1 + 4 or 16 | name
 * count 2 | for each channel: name | date as days since 1970 8 | bytes of the day 8, the week 8, the month 8
 * </pre>
 *
 * @param state as of {@link DrainStatus}
 * @param channels as {@link io.httun.api.cluster.NodeServer#channelsHash}
 * @param tallies of some channels: those that have changed, or a part of all
 */
record NodeState(
        int node,
        String name,
        InetSocketAddress forwarding,
        String state,
        int sessions,
        byte[] channels,
        List<ChannelTally> tallies) {
    static final int VERSION = 1;
    static final int HASH_LENGTH = 32;
    /** More channels take more messages. */
    static final int MAX_TALLIES = 400;
    /** A text has at most 64 bytes. */
    static final int MAX_BYTES = 64 << 10;

    private static final List<String> STATES = List.of(DrainStatus.SERVING, DrainStatus.DRAINING, DrainStatus.DRAINED);
    private static final int MAX_NODE = 255;
    private static final int MAX_TEXT = 64;

    /** A message that is no {@code NodeState}. The text says what was got and expected. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }

    byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(MAX_BYTES);
        out.put((byte) VERSION)
                .put((byte) node)
                .put((byte) STATES.indexOf(state))
                .putInt(sessions);
        out.put(channels).putShort((short) forwarding.getPort());
        put(out, forwarding.getAddress().getAddress());
        put(out, name.getBytes(StandardCharsets.UTF_8));
        out.putShort((short) tallies.size());
        for (ChannelTally each : tallies) {
            put(out, each.channel().getBytes(StandardCharsets.UTF_8));
            out.putLong(each.date().toEpochDay())
                    .putLong(each.day())
                    .putLong(each.week())
                    .putLong(each.month());
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    private static void put(ByteBuffer out, byte[] bytes) {
        out.put((byte) bytes.length).put(bytes);
    }

    static NodeState decode(byte[] message, int offset, int length) throws MalformedException {
        if (length > MAX_BYTES) {
            throw new MalformedException("a message of " + length + " bytes, expected at most " + MAX_BYTES);
        }
        ByteBuffer in = ByteBuffer.wrap(message, offset, length);
        try {
            int version = in.get() & 0xff;
            if (version != VERSION) {
                throw new MalformedException(
                        "messages of version " + version + ", expected " + VERSION + "; update httun at both servers");
            }
            return read(in);
        } catch (BufferUnderflowException | IndexOutOfBoundsException | DateTimeException | UnknownHostException e) {
            throw new MalformedException("a damaged message (" + e + ")");
        }
    }

    private static NodeState read(ByteBuffer in) throws MalformedException, UnknownHostException {
        int node = in.get() & 0xff;
        String state = STATES.get(in.get());
        int sessions = in.getInt();
        byte[] channels = new byte[HASH_LENGTH];
        in.get(channels);
        int port = in.getShort() & 0xffff;
        InetAddress address = InetAddress.getByAddress(bytes(in));
        String name = text(in);
        int count = in.getShort() & 0xffff;
        if (count > MAX_TALLIES || node == 0 && count > 0 || sessions < 0 || node > MAX_NODE) {
            throw new MalformedException(count + " channels of node " + node + ", expected at most " + MAX_TALLIES);
        }
        List<ChannelTally> tallies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tallies.add(tally(in));
        }
        if (in.hasRemaining()) {
            throw new MalformedException(in.remaining() + " bytes too many");
        }
        return new NodeState(node, name, new InetSocketAddress(address, port), state, sessions, channels, tallies);
    }

    private static ChannelTally tally(ByteBuffer in) throws MalformedException {
        ChannelTally tally = new ChannelTally(
                text(in), LocalDate.ofEpochDay(in.getLong()), in.getLong(), in.getLong(), in.getLong());
        if (tally.day() < 0 || tally.week() < 0 || tally.month() < 0) {
            throw new MalformedException("a negative count of channel " + tally.channel());
        }
        return tally;
    }

    private static String text(ByteBuffer in) throws MalformedException {
        byte[] bytes = bytes(in);
        if (bytes.length > MAX_TEXT) {
            throw new MalformedException("a text of " + bytes.length + " bytes, expected at most " + MAX_TEXT);
        }
        return new String(bytes, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", "?");
    }

    private static byte[] bytes(ByteBuffer in) {
        byte[] bytes = new byte[in.get() & 0xff];
        in.get(bytes);
        return bytes;
    }

    /** Whether it says the same but for the tallies. */
    boolean isAs(NodeState other) {
        return node == other.node
                && name.equals(other.name)
                && forwarding.equals(other.forwarding)
                && state.equals(other.state)
                && sessions == other.sessions
                && Arrays.equals(channels, other.channels);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.cluster.ChannelClosure;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Words on channels, as a message to all other members, numbers and texts as in {@link NodeState}:
 *
 * <pre>
 * version 2 | count 2 | for each: version 8 | node 1 | state 1 | channel
 * </pre>
 *
 * A member that knows only version 1 refuses it, and hears the rest.
 */
final class ClosureList {
    static final int VERSION = 2;
    /** More take more messages. */
    static final int MAX = 400;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private ClosureList() {}

    /** @param closures {@link #MAX} at most */
    static byte[] encode(List<ChannelClosure> closures) {
        ByteBuffer out = ByteBuffer.allocate(NodeState.MAX_BYTES);
        out.put((byte) VERSION).putShort((short) closures.size());
        for (ChannelClosure each : closures) {
            byte[] name = each.channel().getBytes(StandardCharsets.UTF_8);
            out.putLong(each.version())
                    .put((byte) each.node())
                    .put((byte) each.state().ordinal())
                    .put((byte) name.length)
                    .put(name);
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    /** Whether a message is one. */
    static boolean is(byte[] message, int offset, int length) {
        return length > 0 && message[offset] == VERSION;
    }

    static List<ChannelClosure> decode(byte[] message, int offset, int length) throws NodeState.MalformedException {
        ByteBuffer in = ByteBuffer.wrap(message, offset + 1, length - 1);
        List<ChannelClosure> closures = new ArrayList<>();
        try {
            int count = in.getShort() & 0xffff;
            if (count > MAX) {
                throw new NodeState.MalformedException(count + " closed channels, expected at most " + MAX);
            }
            for (int i = 0; i < count; i++) {
                closures.add(closure(in));
            }
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new NodeState.MalformedException("a damaged message (" + e + ")");
        }
        if (in.hasRemaining()) {
            throw new NodeState.MalformedException(in.remaining() + " bytes too many");
        }
        return closures;
    }

    private static ChannelClosure closure(ByteBuffer in) throws NodeState.MalformedException {
        long version = in.getLong();
        int node = in.get() & 0xff;
        ChannelClosure.State state = ChannelClosure.State.values()[in.get()];
        byte[] bytes = new byte[in.get() & 0xff];
        in.get(bytes);
        String name = new String(bytes, StandardCharsets.UTF_8);
        if (version < 1
                || version > ChannelClosure.MAX_VERSION
                || !NAME.matcher(name).matches()) {
            throw new NodeState.MalformedException("a closed channel without a name or with version " + version);
        }
        return new ChannelClosure(name, version, node, state);
    }
}

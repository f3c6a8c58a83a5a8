// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * The few terms of the external term format that the protocol needs. Atoms are compared and never made, nothing is inflated, nothing is
 * nested deeper than the messages are, and no length is believed before its bytes are there.
 */
final class Terms {
    private static final int VERSION = 131;
    private static final int SMALL_INTEGER = 97;
    private static final int INTEGER = 98;
    private static final int ATOM = 100;
    private static final int SMALL_TUPLE = 104;
    private static final int LARGE_TUPLE = 105;
    private static final int NIL = 106;
    private static final int STRING = 107;
    private static final int LIST = 108;
    private static final int BINARY = 109;
    private static final int SMALL_BIG = 110;
    private static final int SMALL_ATOM = 115;
    private static final int ATOM_UTF8 = 118;
    private static final int SMALL_ATOM_UTF8 = 119;

    /** Bytes of an id at most; a stock server counts, ours gives eight. */
    private static final int MAX_ID = 32;

    private static final int MAX_TEXT = 253;
    private static final int MAX_PORT = 0xffff;
    private static final int ADDRESS = 4;

    private Terms() {}

    /**
     * Reads a message; bytes behind it are ignored, as stock ends do.
     *
     * @throws TermException if there is none
     */
    static Message read(ByteBuf in) {
        try {
            if (in.readUnsignedByte() != VERSION) {
                throw new TermException("got a body that is no Erlang term");
            }
            return message(in);
        } catch (IndexOutOfBoundsException e) {
            throw new TermException("got an Erlang term that ends too early");
        }
    }

    private static Message message(ByteBuf in) {
        int tag = in.readUnsignedByte();
        if (tag != SMALL_TUPLE && tag != LARGE_TUPLE) {
            if (atom(in, tag).equals("error")) {
                return new Message.Failed();
            }
            throw new TermException("got an atom, expected a message");
        }
        long arity = arity(in, tag);
        String name = atom(in, in.readUnsignedByte());
        switch (name + '/' + arity) {
            case "open/2":
                return open(in);
            case "ok/2":
                return new Message.Ok(integer(in));
            case "close/2":
                return new Message.Close(integer(in));
            case "data/3":
                return new Message.Data(integer(in), binary(in));
            default:
                throw new TermException("got a tuple, expected a message");
        }
    }

    private static long arity(ByteBuf in, int tag) {
        if (tag == SMALL_TUPLE) {
            return in.readUnsignedByte();
        } else if (tag == LARGE_TUPLE) {
            return in.readUnsignedInt();
        }
        throw new TermException("got a term of tag " + tag + ", expected a tuple");
    }

    private static Message open(ByteBuf in) {
        if (arity(in, in.readUnsignedByte()) != 2) {
            throw new TermException("got an open without a pair of host and port");
        }
        String host = host(in);
        return new Message.Open(host, small(in, MAX_PORT));
    }

    private static String host(ByteBuf in) {
        int tag = in.readUnsignedByte();
        switch (tag) {
            case SMALL_TUPLE, LARGE_TUPLE:
                // Eight numbers would be an IPv6 address, on which a stock server dies.
                if (arity(in, tag) != ADDRESS) {
                    throw new TermException("got an address that is not one of four numbers");
                }
                return small(in, 255) + "." + small(in, 255) + "." + small(in, 255) + "." + small(in, 255);
            case STRING:
                return text(in, in.readUnsignedShort());
            case LIST:
                return list(in);
            default:
                return atom(in, tag);
        }
    }

    private static String list(ByteBuf in) {
        long length = in.readUnsignedInt();
        if (length > MAX_TEXT) {
            throw new TermException("got a host name of more than " + MAX_TEXT + " characters");
        }
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < length; i++) {
            name.append((char) small(in, 255));
        }
        if (in.readUnsignedByte() != NIL) {
            throw new TermException("got a list without an end");
        }
        return name.toString();
    }

    private static String atom(ByteBuf in, int tag) {
        return switch (tag) {
            case ATOM, ATOM_UTF8 -> text(in, in.readUnsignedShort());
            case SMALL_ATOM, SMALL_ATOM_UTF8 -> text(in, in.readUnsignedByte());
            default -> throw new TermException("got a term of tag " + tag + ", expected an atom");
        };
    }

    private static String text(ByteBuf in, int length) {
        if (length > MAX_TEXT) {
            throw new TermException("got a text of more than " + MAX_TEXT + " characters");
        }
        return in.readCharSequence(length, StandardCharsets.ISO_8859_1).toString();
    }

    private static int small(ByteBuf in, int max) {
        BigInteger value = integer(in);
        if (value.signum() < 0 || value.bitLength() > Short.SIZE || value.intValue() > max) {
            throw new TermException("got a number beyond 0 to " + max);
        }
        return value.intValue();
    }

    private static BigInteger integer(ByteBuf in) {
        int tag = in.readUnsignedByte();
        switch (tag) {
            case SMALL_INTEGER:
                return BigInteger.valueOf(in.readUnsignedByte());
            case INTEGER:
                return BigInteger.valueOf(in.readInt());
            case SMALL_BIG:
                int length = in.readUnsignedByte();
                int sign = in.readUnsignedByte();
                if (length > MAX_ID) {
                    throw new TermException("got a number of more than " + MAX_ID + " bytes");
                }
                byte[] magnitude = new byte[length];
                for (int i = length - 1; i >= 0; i--) {
                    magnitude[i] = in.readByte();
                }
                BigInteger value = new BigInteger(1, magnitude);
                return sign == 0 ? value : value.negate();
            default:
                throw new TermException("got a term of tag " + tag + ", expected an integer");
        }
    }

    private static ByteBuf binary(ByteBuf in) {
        int tag = in.readUnsignedByte();
        if (tag == NIL) {
            return in.readSlice(0);
        }
        long length = tag == BINARY ? in.readUnsignedInt() : tag == STRING ? in.readUnsignedShort() : -1;
        if (length < 0) {
            throw new TermException("got a term of tag " + tag + ", expected a binary");
        } else if (length > in.readableBytes()) {
            throw new TermException("got a binary that ends too early");
        }
        return in.readSlice((int) length);
    }

    // Writing, in the forms that stock ends write

    static ByteBuf open(ByteBufAllocator alloc, byte[] address, int port) {
        ByteBuf out = tuple(alloc, 32, 2, "open").writeByte(SMALL_TUPLE).writeByte(2);
        out.writeByte(SMALL_TUPLE).writeByte(address.length);
        for (byte part : address) {
            out.writeByte(SMALL_INTEGER).writeByte(part);
        }
        return writeInteger(out, BigInteger.valueOf(port));
    }

    static ByteBuf ok(ByteBufAllocator alloc, BigInteger id) {
        return writeInteger(tuple(alloc, 64, 2, "ok"), id);
    }

    static ByteBuf error(ByteBufAllocator alloc) {
        return writeAtom(alloc.buffer(16).writeByte(VERSION), "error");
    }

    static ByteBuf close(ByteBufAllocator alloc, BigInteger id) {
        return writeInteger(tuple(alloc, 64, 2, "close"), id);
    }

    /** The binary's bytes follow; its length is set by {@link #setLength}. */
    static ByteBuf data(ByteBufAllocator alloc, BigInteger id, int room) {
        return writeInteger(tuple(alloc, 64 + room, 3, "data"), id)
                .writeByte(BINARY)
                .writeInt(0);
    }

    /** @param start index behind the header that {@link #data} wrote */
    static void setLength(ByteBuf out, int start) {
        out.setInt(start - Integer.BYTES, out.writerIndex() - start);
    }

    private static ByteBuf tuple(ByteBufAllocator alloc, int capacity, int arity, String name) {
        return writeAtom(
                alloc.buffer(capacity).writeByte(VERSION).writeByte(SMALL_TUPLE).writeByte(arity), name);
    }

    private static ByteBuf writeAtom(ByteBuf out, String name) {
        out.writeByte(ATOM).writeShort(name.length());
        out.writeCharSequence(name, StandardCharsets.ISO_8859_1);
        return out;
    }

    private static ByteBuf writeInteger(ByteBuf out, BigInteger value) {
        if (value.signum() >= 0 && value.bitLength() <= Byte.SIZE) {
            return out.writeByte(SMALL_INTEGER).writeByte(value.intValue());
        } else if (value.bitLength() < Integer.SIZE) {
            return out.writeByte(INTEGER).writeInt(value.intValue());
        }
        byte[] magnitude = value.abs().toByteArray();
        int first = magnitude[0] == 0 ? 1 : 0;
        out.writeByte(SMALL_BIG).writeByte(magnitude.length - first).writeByte(value.signum() < 0 ? 1 : 0);
        for (int i = magnitude.length - 1; i >= first; i--) {
            out.writeByte(magnitude[i]);
        }
        return out;
    }
}

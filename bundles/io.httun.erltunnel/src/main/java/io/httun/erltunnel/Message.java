// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import io.netty.buffer.ByteBuf;
import java.math.BigInteger;

/** The content of a body (wire page, section 2). */
sealed interface Message {
    /** @param host an IPv4 address, or a name that the server is to resolve */
    record Open(String host, int port) implements Message {}

    record Ok(BigInteger id) implements Message {}

    record Failed() implements Message {}

    /** @param bytes a slice of the body it was read from; empty for a poll or for nothing */
    record Data(BigInteger id, ByteBuf bytes) implements Message {}

    record Close(BigInteger id) implements Message {}
}

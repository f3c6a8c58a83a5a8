// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.proxy.ProxyConversation;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.nio.charset.StandardCharsets;

/**
 * A connection to a server, or to a proxy that forwards requests to it.
 *
 * @param proxy null unless requests go through a forwarding proxy
 * @param origin prefix of the path in heads that were written for a proxy, such as {@code http://a.test:81}; empty for none
 * @param keepAlive whether the connection may carry more than one request
 */
record Line(Channel channel, ProxyConversation proxy, String origin, boolean keepAlive) {
    private static final int CRLF = 2;

    static Line direct(Channel channel, LearntPath path) {
        return new Line(channel, null, "", path.keepAlive());
    }

    /** Starts to read replies; the handler gets the decoded parts. */
    void receive(ChannelHandler handler) {
        channel.pipeline().addLast(new ReplyDecoder(), handler);
        channel.config().setAutoRead(true);
    }

    /** Adapts a head to this connection, in place. */
    ByteBuf dress(ByteBuf head) {
        if (origin.isEmpty() && keepAlive) {
            return head;
        }
        if (proxy == null && !origin.isEmpty()) {
            toOriginForm(head);
        }
        // A login of several steps belongs to its connection.
        boolean last = !keepAlive && (proxy == null || proxy.isReady());
        String authorization = proxy == null ? "" : authorization(head);
        head.writerIndex(head.writerIndex() - CRLF);
        if (!authorization.isEmpty()) {
            write(head, "proxy-authorization: " + authorization + "\r\n");
        }
        write(head, last ? "connection: close\r\n\r\n" : "\r\n");
        return head;
    }

    /** Returns a small request like the given one, which is not changed. */
    ByteBuf probe(ByteBuf head) {
        int lineEnd = head.indexOf(head.readerIndex(), head.writerIndex(), (byte) '\r');
        String[] words = head.toString(head.readerIndex(), lineEnd - head.readerIndex(), StandardCharsets.US_ASCII)
                .split(" ");
        ByteBuf probe = head.alloc().buffer();
        write(probe, "GET " + words[1] + " HTTP/1.1\r\nhost: " + origin.substring("http://".length()) + "\r\n\r\n");
        return dress(probe);
    }

    private static void write(ByteBuf head, String text) {
        head.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    }

    private String authorization(ByteBuf head) {
        int start = head.readerIndex();
        int space = head.indexOf(start, head.writerIndex(), (byte) ' ');
        int end = head.indexOf(space + 1, head.writerIndex(), (byte) ' ');
        return proxy.authorization(
                head.toString(start, space - start, StandardCharsets.US_ASCII),
                head.toString(space + 1, end - space - 1, StandardCharsets.US_ASCII));
    }

    /** Removes the origin, because there is no proxy: the method moves up to the path. */
    private void toOriginForm(ByteBuf head) {
        int start = head.readerIndex();
        int method = head.indexOf(start, head.writerIndex(), (byte) ' ') + 1 - start;
        byte[] word = new byte[method];
        head.getBytes(start, word);
        head.readerIndex(start + origin.length());
        head.setBytes(head.readerIndex(), word);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.cxf;

import io.httun.api.tunnel.TunnelReply;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicBoolean;

/** A reply that is being written. Reports the delivery to the server exactly once, from any thread. */
final class Answer {
    private final TunnelReply reply;
    private final AtomicBoolean done = new AtomicBoolean();

    Answer(TunnelReply reply) {
        this.reply = reply;
    }

    TunnelReply reply() {
        return reply;
    }

    void writeTo(OutputStream out) throws IOException {
        if (!done.compareAndSet(false, true)) {
            return;
        }
        ByteBuf body = reply.body();
        boolean written = false;
        try {
            out.write(body.array(), body.arrayOffset() + body.readerIndex(), body.readableBytes());
            out.flush();
            written = true;
        } finally {
            body.release();
            if (written) {
                reply.delivery().written();
            } else {
                reply.delivery().failed();
            }
        }
    }

    /** Reports a failed delivery unless the reply has been written. */
    void giveUp() {
        if (done.compareAndSet(false, true)) {
            reply.body().release();
            reply.delivery().failed();
        }
    }
}

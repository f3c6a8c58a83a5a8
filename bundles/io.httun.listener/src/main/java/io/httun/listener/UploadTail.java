// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The rest of a request body whose reply is already complete. The client may send it before it reads the reply, and
 * the target may want it. The time limits are those of a {@link LingeringClose}.
 */
final class UploadTail {
    private final Channel client;
    private final Future<?> limit;
    private Future<?> idle;

    /** @param written completes when the reply is written */
    UploadTail(Channel client, Future<?> written) {
        this.client = client;
        this.limit = closeAfter(LingeringClose.MAX_SECONDS);
        this.idle = closeAfter(LingeringClose.IDLE_SECONDS);
        written.addListener(sent -> LingeringClose.endOutput(client));
    }

    private Future<?> closeAfter(int seconds) {
        return client.eventLoop().schedule(() -> client.close(), seconds, TimeUnit.SECONDS);
    }

    /** Called for each part of the rest. */
    void moved() {
        idle.cancel(false);
        idle = closeAfter(LingeringClose.IDLE_SECONDS);
    }

    void stop() {
        limit.cancel(false);
        idle.cancel(false);
    }
}

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
    private final Future<?> written;
    private Future<?> limit;
    private Future<?> idle;
    private boolean stopped;

    /** @param written completes when the reply is written; on a slow line long after it is complete here */
    UploadTail(Channel client, Future<?> written) {
        this.client = client;
        this.written = written;
        written.addListener(sent -> {
            if (!stopped) {
                LingeringClose.endOutput(client);
                limit = closeAfter(LingeringClose.MAX_SECONDS);
                idle = closeAfter(LingeringClose.IDLE_SECONDS);
            }
        });
    }

    private Future<?> closeAfter(int seconds) {
        return client.eventLoop().schedule(() -> client.close(), seconds, TimeUnit.SECONDS);
    }

    /** Called for each part of the rest. */
    void moved() {
        if (idle != null) {
            idle.cancel(false);
            idle = closeAfter(LingeringClose.IDLE_SECONDS);
        }
    }

    /** The rest is complete: the client is closed behind its reply. */
    void end() {
        stop();
        written.addListener(sent -> client.close());
    }

    void stop() {
        stopped = true;
        if (limit != null) {
            limit.cancel(false);
            idle.cancel(false);
        }
    }
}

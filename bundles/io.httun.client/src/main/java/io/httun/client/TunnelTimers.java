// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import java.util.concurrent.TimeUnit;

/**
 * The clock of a {@link TunnelChannel}: watches a local side that does not read, and a closed channel whose last bytes are not
 * acknowledged. Confined to the channel's event loop.
 */
final class TunnelTimers {
    private final TunnelChannel channel;
    private final ClientSession session;
    private boolean pauseWatched;
    private long lastProgress = System.nanoTime();

    TunnelTimers(TunnelChannel channel) {
        this.channel = channel;
        this.session = channel.session();
    }

    /** The server has acknowledged something. */
    void progress() {
        lastProgress = System.nanoTime();
    }

    /** Watches the pause of the local side until it reads again. */
    void watchPause() {
        if (!pauseWatched) {
            pauseWatched = true;
            lookAtPauseLater();
        }
    }

    private void lookAtPauseLater() {
        session.loop().schedule(this::lookAtPause, session.timeouts().keepAlive(), TimeUnit.MILLISECONDS);
    }

    private void lookAtPause() {
        if (channel.isPaused()) {
            channel.stillPaused();
            lookAtPauseLater();
        } else {
            pauseWatched = false;
        }
    }

    /** Detaches the closed channel when the server acknowledges nothing for too long; the time limit restarts with progress. */
    void watchClosing() {
        lastProgress = System.nanoTime();
        lookAtClosingLater();
    }

    private void lookAtClosingLater() {
        long limit = session.timeouts().closing();
        long left = limit - millisSinceProgress();
        session.loop().schedule(() -> lookAtClosing(limit), left > 0 ? left : limit, TimeUnit.MILLISECONDS);
    }

    private void lookAtClosing(long limit) {
        if (channel.isDetached()) {
            return;
        }
        // A session that sends gives up by itself when the server is silent.
        if (millisSinceProgress() < limit || session.isSending()) {
            lookAtClosingLater();
        } else {
            channel.detach();
        }
    }

    private long millisSinceProgress() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastProgress);
    }
}

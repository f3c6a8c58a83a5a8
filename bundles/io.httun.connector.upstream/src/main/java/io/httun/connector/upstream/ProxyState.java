// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.proxy.ProxyConversation;
import io.httun.api.status.ProxyStatus;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The health of one proxy. Thread-safe. */
final class ProxyState {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyState.class);
    /** After this many time-outs in a row the fault is the proxy's and not the targets'. */
    private static final int SILENCES = 3;

    private final UpstreamProxy proxy;
    private final ProxyLogin login;
    private final long deadNanos;
    private final LongSupplier nanoTime;
    private final LongAdder connections = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final AtomicInteger silences = new AtomicInteger();
    private volatile boolean dead;
    private volatile long diedAt;

    ProxyState(UpstreamProxy proxy, UpstreamSettings settings, LongSupplier nanoTime) {
        this.proxy = proxy;
        this.login = new ProxyLogin(proxy, settings.credentialsFor(proxy), settings.methods());
        this.deadNanos = TimeUnit.SECONDS.toNanos(settings.deadSeconds());
        this.nanoTime = nanoTime;
    }

    ProxyConversation converse() {
        return login.converse();
    }

    boolean isDead() {
        return dead && nanoTime.getAsLong() - diedAt < deadNanos;
    }

    void worked() {
        connections.increment();
        silences.set(0);
        if (dead) {
            dead = false;
            LOG.info("Proxy {} works again", proxy.name());
        }
    }

    /** @param why for the log, once per outage */
    void failed(String why) {
        failures.increment();
        boolean news = !isDead();
        diedAt = nanoTime.getAsLong();
        dead = true;
        if (news) {
            LOG.warn("Proxy {} has failed and is tried last for now: {}", proxy.name(), why);
        }
    }

    void silent() {
        if (silences.incrementAndGet() >= SILENCES) {
            failed(SILENCES + " connections in a row got no answer");
        }
    }

    ProxyStatus status(String connector) {
        return new ProxyStatus(
                proxy.name(),
                connector,
                proxy.scheme(),
                proxy.address().toString(),
                isDead() ? "dead" : "ok",
                connections.sum(),
                failures.sum());
    }
}

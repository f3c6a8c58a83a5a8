// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.protocol.FrameBody;
import io.httun.protocol.ProbeAsk;
import io.httun.protocol.ProbeResult;
import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Answers questions about the path. A bounded number of requests may wait, each for a bounded time. Thread-safe. */
final class SessionProbe {
    /** Headers whose values are left out: their names are enough to recognize a proxy. */
    private static final List<String> SECRET = List.of("authorization", "proxy-authorization", "cookie");

    private static final int RESULT = FrameBody.OVERHEAD + ProbeResult.LENGTH;

    /** A request that waits. @param front the part of the reply that is sealed, without the bytes that were sent; null for none */
    private record Held(
            ProbeReplySealer sealer,
            ProbeAsk ask,
            CompletableFuture<TunnelReply> reply,
            ByteBuf front,
            CompletableFuture<ByteBuf> rest) {}

    private final Session session;
    private final Map<Long, Held> waiting = new HashMap<>();
    private boolean over;

    SessionProbe(Session session) {
        this.session = session;
    }

    CompletionStage<TunnelReply> asked(FrameCipher cipher, long number, ProbeAsk ask, TunnelRequest request) {
        ProbeReplySealer sealer = new ProbeReplySealer(session, cipher, number);
        try {
            return switch (ask.kind()) {
                case REPORT -> answer(sealer, ask, result(false, 0, report(request.details())));
                case RELEASE -> {
                    finish(ask.number(), true);
                    yield answer(sealer, ask, result(true, 0, ""));
                }
                case ANSWER ->
                    ask.waitMillis() == 0
                            ? answer(sealer, ask, result(false, 0, ""))
                            : hold(number, new Held(sealer, ask, new CompletableFuture<>(), null, null));
                case MEET -> meet(number, new Held(sealer, ask, new CompletableFuture<>(), null, null));
                case PARTS ->
                    request.details().takesRest()
                            ? inParts(number, sealer, ask)
                            : hold(number, new Held(sealer, ask, new CompletableFuture<>(), null, null));
            };
        } catch (HttunException e) {
            // A used-up key, or a body that would be too large.
            return CompletableFuture.completedFuture(session.channel().wrong());
        }
    }

    private CompletionStage<TunnelReply> answer(ProbeReplySealer sealer, ProbeAsk ask, ProbeResult result) {
        return CompletableFuture.completedFuture(whole(sealer, ask, result));
    }

    private TunnelReply whole(ProbeReplySealer sealer, ProbeAsk ask, ProbeResult result) {
        ByteBuf body = sealer.filler(ask.length(), FrameBody.OVERHEAD + ProbeResult.LENGTH + ProbeResult.MAX_TEXT);
        return session.channel().frame(sealer.finish(body, result), TunnelReply.Delivery.UNTRACKED);
    }

    private static ProbeResult result(boolean released, int together, String text) {
        return new ProbeResult(released, together, System.currentTimeMillis(), text);
    }

    private static String report(TunnelRequest.Details details) {
        StringBuilder text = new StringBuilder();
        if (!details.certificate().isEmpty()) {
            text.append(":certificate: ").append(details.certificate()).append('\n');
        }
        details.headers().forEach(header -> text.append(header.getKey())
                .append(": ")
                .append(SECRET.contains(header.getKey().toLowerCase(Locale.ROOT)) ? "" : header.getValue())
                .append('\n'));
        return text.toString();
    }

    private CompletionStage<TunnelReply> hold(long number, Held held) {
        return admit(number, held) ? held.reply() : CompletableFuture.completedFuture(TunnelReply.unavailable());
    }

    /** Has a request wait. Returns false if there is no room; otherwise whoever removes it owns {@code front}. */
    private boolean admit(long number, Held held) {
        synchronized (this) {
            if (over || waiting.size() >= ProbeAsk.MAX_WAITING) {
                return false;
            }
            waiting.put(number, held);
        }
        session.loop().schedule(() -> finish(number, false), held.ask().waitMillis(), TimeUnit.MILLISECONDS);
        return true;
    }

    private CompletionStage<TunnelReply> meet(long number, Held held) {
        CompletionStage<TunnelReply> reply = hold(number, held);
        List<Long> met;
        synchronized (this) {
            met = waiting.entrySet().stream()
                    .filter(entry -> entry.getValue().ask().kind() == ProbeAsk.Kind.MEET)
                    .map(Map.Entry::getKey)
                    .toList();
        }
        if (met.size() >= held.ask().count()) {
            met.forEach(each -> finish(each, met.size(), true));
        }
        return reply;
    }

    private CompletionStage<TunnelReply> inParts(long number, ProbeReplySealer sealer, ProbeAsk ask) {
        ByteBuf front = sealer.filler(ask.length(), RESULT);
        ByteBuf first = front.readRetainedSlice(ask.first());
        CompletableFuture<ByteBuf> rest = new CompletableFuture<>();
        int length = front.readableBytes() + RESULT;
        if (!admit(number, new Held(sealer, ask, new CompletableFuture<>(), front, rest))) {
            front.release();
            first.release();
            return CompletableFuture.completedFuture(TunnelReply.unavailable());
        }
        TunnelReply whole = session.channel().frame(first, TunnelReply.Delivery.UNTRACKED);
        return CompletableFuture.completedFuture(new TunnelReply(
                whole.status(),
                whole.headers(),
                first,
                whole.delivery(),
                Optional.of(new TunnelReply.Rest(length, rest))));
    }

    private void finish(long number, boolean released) {
        int together;
        synchronized (this) {
            together = (int) waiting.values().stream()
                    .filter(held -> held.ask().kind() == ProbeAsk.Kind.MEET)
                    .count();
        }
        finish(number, together, released);
    }

    private void finish(long number, int together, boolean released) {
        Held held;
        synchronized (this) {
            held = waiting.remove(number);
        }
        if (held == null) {
            return;
        }
        try {
            finish(held, result(released, together, ""));
        } catch (HttunException e) {
            give(held, session.channel().wrong());
        }
    }

    private void finish(Held held, ProbeResult result) {
        if (held.front() == null) {
            give(held, whole(held.sealer(), held.ask(), result));
            return;
        }
        ByteBuf bytes = held.sealer().finish(held.front(), result);
        if (!held.rest().complete(bytes)) {
            bytes.release();
        }
    }

    private static void give(Held held, TunnelReply reply) {
        if (held.front() != null) {
            held.rest().completeExceptionally(new HttunException("the reply cannot be sealed"));
        } else if (!held.reply().complete(reply)) {
            reply.body().release();
        }
    }

    /** The session has ended. */
    void end() {
        List<Held> ended;
        synchronized (this) {
            over = true;
            ended = List.copyOf(waiting.values());
            waiting.clear();
        }
        ended.forEach(held -> {
            if (held.front() != null) {
                held.front().release();
                held.rest().completeExceptionally(new HttunException("the session has ended"));
            }
            held.reply().complete(TunnelReply.refused());
        });
    }
}

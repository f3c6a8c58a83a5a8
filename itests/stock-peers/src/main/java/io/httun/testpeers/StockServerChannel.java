// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** One channel of a stock server: its only session, and what frames do to it (wire protocol, sections 3 to 5). */
final class StockServerChannel {

    /** The answer to an Init, and the key of the session it opened. */
    record Opened(byte[] reply, byte[] key, UUID client) {}

    private final UUID serverUuid;
    private final byte[] sharedSecret;
    private final byte[] initKey;
    private final boolean testEnabled;
    private final ServerTiming timing;
    private final Optional<StockDevice> device;
    private final TargetSlot target;
    private final PingSlot ping = new PingSlot();
    private final StockSequence sent;
    private final StockSequence fromW;
    private final StockSequence fromR;
    private byte[] key;
    private volatile Deadline idle;

    StockServerChannel(byte[] sharedSecret, StockServerOptions options) {
        this.serverUuid = options.uuid();
        this.sharedSecret = sharedSecret;
        this.initKey = StockKeys.initKey(sharedSecret);
        this.testEnabled = options.testEnabled();
        this.timing = options.timing();
        this.device = options.device();
        this.target = new TargetSlot(options.denied(), timing);
        this.sent = new StockSequence(StockSequence.Type.A, options.window());
        this.fromW = new StockSequence(StockSequence.Type.B, options.window());
        this.fromR = new StockSequence(StockSequence.Type.C, options.window());
        touch();
    }

    TargetSlot target() {
        return target;
    }

    boolean isIdle() {
        return idle.isOver();
    }

    /** A frame that came on {@code w}. */
    void write(byte[] frame) throws IOException {
        if (StockFrame.isInit(frame)) {
            throw new StockException("an Init on w");
        }
        Turn turn = turn();
        StockFrame opened = StockFrame.open(frame, turn.key());
        fromW.accept(opened.sequence());
        if (opened.operation() == StockOperation.L7_TO_SRV) {
            target.send(StockContainer.parse(opened.payload()));
        } else if (opened.operation() == StockOperation.L3_TO_SRV && device.isPresent()) {
            device.get().write(opened.payload());
        } else if (opened.operation() == StockOperation.TEST_TO_SRV && testEnabled) {
            ping.put(opened.payload());
        } else {
            throw new StockException(opened.operation() + " on w");
        }
        touch();
    }

    /** A data frame that came on {@code r}; the reply, or empty when there was nothing in time. */
    Optional<byte[]> read(byte[] frame) throws IOException, InterruptedException {
        Turn turn = turn();
        Deadline deadline = Deadline.after(timing.idleReply());
        StockFrame opened = StockFrame.open(frame, turn.key());
        fromR.accept(opened.sequence());
        touch();
        Optional<byte[]> payload;
        if (opened.operation() == StockOperation.L7_FROM_SRV) {
            payload = target.receive(deadline).map(StockContainer::toBytes);
        } else if (opened.operation() == StockOperation.L3_FROM_SRV && device.isPresent()) {
            payload = device.get().read(Duration.ofNanos(deadline.remainingNanos()));
        } else if (opened.operation() == StockOperation.TEST_FROM_SRV && testEnabled) {
            payload = ping.takePong(deadline);
        } else {
            throw new StockException(opened.operation() + " on r");
        }
        if (payload.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new StockFrame(false, opened.operation(), turn.number(), payload.get()).seal(turn.key()));
    }

    /** An Init frame: a new session takes the place of the old one, whoever sends it. */
    synchronized Opened init(byte[] frame) throws StockException {
        sent.draw();
        StockInit request = StockInit.open(frame, initKey);
        StockKeys.Ephemeral own = StockKeys.Ephemeral.generate();
        byte[] agreed = StockKeys.agree(own.privateKey(), request.publicKey());
        key = StockKeys.sessionKey(sharedSecret, agreed);
        sent.reset();
        fromW.reset();
        fromR.reset();
        target.disconnect();
        touch();
        return new Opened(new StockInit(serverUuid, own.publicKey()).seal(initKey), key, request.uuid());
    }

    /** The session as a request finds it; every request draws a number of type A when it arrives, used or not. */
    private record Turn(byte[] key, long number) {}

    private synchronized Turn turn() throws StockException {
        long number = sent.draw();
        if (key == null) {
            throw new StockException("no session");
        }
        return new Turn(key, number);
    }

    private void touch() {
        idle = Deadline.after(timing.channelIdle());
    }
}

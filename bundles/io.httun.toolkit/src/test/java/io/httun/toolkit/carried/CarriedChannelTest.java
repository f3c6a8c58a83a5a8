// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.carried;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.toolkit.carried.CarriedChannel.Side;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.socket.ChannelOutputShutdownException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CarriedChannelTest {
    private static final int MIB = 1 << 20;

    /** Takes as much as it is told to, when it is told to. */
    private static final class Wire implements Carriage {
        private final StringBuilder sent = new StringBuilder();
        private final List<String> told = new ArrayList<>();
        private CarriedChannel channel;
        private int room = Integer.MAX_VALUE;
        private int depth;
        private long unsent;
        private volatile boolean leaving;

        /** Each look finds one less. */
        @Override
        public long unsent() {
            if (leaving && unsent > 0) {
                unsent--;
            }
            return unsent;
        }

        @Override
        public void outputReady() {
            assertThat(++depth).as("calls within each other").isEqualTo(1);
            room -= channel.take(room, bytes -> {
                sent.append(bytes.toString(StandardCharsets.US_ASCII));
                bytes.release();
            });
            if (channel.isDrained()) {
                told.add("drained");
            }
            depth--;
        }

        @Override
        public void inputWanted() {
            told.add("wanted");
        }

        @Override
        public void closed(boolean aborted) {
            told.add(aborted ? "aborted" : "closed");
        }
    }

    /** What the relay's end of the channel would be told. */
    private final class Reader extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            seen.add(bytes.toString(StandardCharsets.US_ASCII));
            bytes.release();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            seen.add("complete");
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            seen.add(ctx.channel().isWritable() ? "writable" : "unwritable");
            whenWritable.run();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            seen.add("failed: " + cause.getMessage());
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            seen.add("inactive");
        }
    }

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final Wire wire = new Wire();
    private final List<String> seen = new ArrayList<>();
    private Runnable whenWritable = () -> {};

    @AfterEach
    void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private CarriedChannel channel(Side side) throws Exception {
        CarriedChannel channel = new CarriedChannel(side, LocalAddress.ANY, wire);
        wire.channel = channel;
        channel.pipeline().addLast(new Reader());
        loop.register(channel).sync();
        return channel;
    }

    private interface Work {
        void run() throws Exception;
    }

    private void onLoop(Work work) throws Exception {
        loop.submit((Callable<Void>) () -> {
                    work.run();
                    return null;
                })
                .sync();
        // What it put behind itself, a read or the end of the channel, puts more behind itself.
        while (loop.submit(((SingleThreadEventLoop) loop)::pendingTasks).get() > 0) {}
    }

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    private static ByteBuf bytes(int length) {
        return Unpooled.buffer(length).writeZero(length);
    }

    @Test
    void whatIsWrittenIsTakenInPiecesOfAnySize() throws Exception {
        CarriedChannel channel = channel(Side.CLIENT);
        wire.room = 4;
        onLoop(() -> {
            channel.write(text("abc"));
            channel.writeAndFlush(text("defg"));
            assertThat(wire.sent).hasToString("abcd");
            assertThat(channel.hasOutput()).isTrue();
            wire.room = 100;
            channel.kick();
        });
        assertThat(wire.sent).hasToString("abcdefg");
        assertThat(channel.hasOutput()).isFalse();
    }

    /** A writer that becomes writable within its own flush writes on at once; a kick lost there would be a hang. */
    @Test
    void whoWritesOnWhileItsBytesAreTakenIsNotForgotten() throws Exception {
        CarriedChannel channel = channel(Side.CLIENT);
        wire.room = 0;
        onLoop(() -> {
            channel.writeAndFlush(bytes(2 * MIB));
            assertThat(channel.isWritable()).isFalse();
            whenWritable = () -> {
                if (channel.isWritable()) {
                    whenWritable = () -> {};
                    channel.writeAndFlush(text("more"));
                }
            };
            wire.room = Integer.MAX_VALUE;
            channel.kick();
        });
        assertThat(seen).containsExactly("unwritable", "writable");
        assertThat(wire.sent.toString()).hasSize(2 * MIB + 4).endsWith("more");
    }

    @Test
    void whoWritesOnWhenAPromiseIsKeptIsNotForgotten() throws Exception {
        CarriedChannel channel = channel(Side.SERVER);
        onLoop(() -> channel.writeAndFlush(text("a")).addListener(done -> channel.writeAndFlush(text("b"))));
        assertThat(wire.sent).hasToString("ab");
    }

    @Test
    void aReaderGetsWhatWaitsWithOneFlush() throws Exception {
        CarriedChannel channel = channel(Side.SERVER);
        onLoop(() -> {
            channel.offer(text("a"));
            channel.offer(text("b"));
            channel.offerComplete();
        });
        assertThat(seen).isEmpty();
        onLoop(channel::read);
        assertThat(seen).containsExactly("a", "b", "complete");
        assertThat(wire.told).isEmpty();
        onLoop(channel::read);
        onLoop(channel::offerComplete);
        assertThat(wire.told).containsOnly("wanted");
    }

    @Test
    void isFullWhileTooMuchWaitsForTheReader() throws Exception {
        CarriedChannel channel = channel(Side.SERVER);
        onLoop(() -> {
            channel.offer(bytes(CarriedChannel.FULL - 1));
            assertThat(channel.isFull()).isFalse();
            channel.offer(bytes(1));
            assertThat(channel.isFull()).isTrue();
            channel.read();
        });
        assertThat(channel.isFull()).isFalse();
    }

    @Test
    void aReaderThatIsBackIsToldOfEvenWhenNothingWaits() throws Exception {
        CarriedChannel channel = channel(Side.CLIENT);
        onLoop(() -> {
            channel.offer(bytes(CarriedChannel.FULL));
            channel.offerComplete();
        });
        onLoop(channel::read);
        assertThat(wire.told).isEmpty();
        onLoop(channel::read);
        assertThat(wire.told).containsExactly("wanted");
    }

    @Test
    void theEndOfThePeerComesBehindItsLastByte() throws Exception {
        CarriedChannel channel = channel(Side.SERVER);
        onLoop(() -> {
            channel.offer(text("last"));
            channel.peerEnded();
        });
        assertThat(channel.isOpen()).isTrue();
        onLoop(channel::read);
        assertThat(seen).containsExactly("last", "complete", "inactive");
        assertThat(wire.told).containsExactly("closed", "drained");
    }

    @Test
    void aFailureIsToldBeforeTheEndAndDropsWhatWaits() throws Exception {
        CarriedChannel channel = channel(Side.CLIENT);
        ByteBuf waiting = text("waiting");
        wire.room = 0;
        onLoop(() -> {
            channel.writeAndFlush(text("unsent"));
            channel.offer(waiting);
            channel.fail(new IOException("the line is cut"));
            channel.fail(new IOException("told once only"));
        });
        assertThat(seen).containsExactly("failed: the line is cut", "inactive");
        assertThat(wire.told).containsExactly("aborted", "drained");
        assertThat(wire.sent).isEmpty();
        assertThat(waiting.refCnt()).isZero();
    }

    @Test
    void whatWasWrittenBeforeACloseCanStillBeTaken() throws Exception {
        CarriedChannel channel = channel(Side.SERVER);
        wire.room = 0;
        onLoop(() -> {
            channel.writeAndFlush(text("flushed"));
            channel.write(text(" and not"));
            channel.close();
        });
        assertThat(wire.told).containsExactly("closed");
        onLoop(() -> {
            wire.room = 9;
            channel.kick();
            wire.room = 100;
            channel.kick();
        });
        assertThat(wire.sent).hasToString("flushed and not");
        assertThat(wire.told).containsExactly("closed", "drained");
    }

    @Test
    void aRestThatMovesIsNotGivenUpBeforeItStops() throws Exception {
        CarriedChannel channel = channel(Side.SERVER);
        wire.room = 0;
        CompletableFuture<String> sentBefore = new CompletableFuture<>();
        onLoop(() -> {
            channel.writeAndFlush(text("slow and stuck"));
            channel.close();
            channel.whenStuck(1, () -> sentBefore.complete(wire.sent.toString()));
        });
        loop.schedule(
                () -> {
                    wire.room = 4;
                    channel.kick();
                },
                300,
                TimeUnit.MILLISECONDS);
        loop.schedule(
                () -> {
                    wire.room = 4;
                    channel.kick();
                },
                1300,
                TimeUnit.MILLISECONDS);
        assertThat(sentBefore.get(10, TimeUnit.SECONDS)).isEqualTo("slow and");
    }

    @Test
    void aRestThatIsOnASlowLineIsNotGivenUp() throws Exception {
        CarriedChannel channel = channel(Side.SERVER);
        CompletableFuture<Long> unsent = new CompletableFuture<>();
        onLoop(() -> {
            wire.unsent = 3;
            channel.writeAndFlush(text("taken at once"));
            channel.close();
            channel.whenStuck(1, () -> unsent.complete(wire.unsent));
        });
        assertThat(wire.told).containsExactly("closed", "drained");
        wire.leaving = true;
        assertThat(unsent.get(20, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void waitingForSilenceLeavesNoListeners() throws Exception {
        CarriedChannel channel = channel(Side.CLIENT);
        onLoop(() -> {
            channel.shutdownOutput();
            assertThat((Object) channel.closeFuture())
                    .extracting("listener", "listeners")
                    .containsOnlyNulls();
        });
    }

    @Test
    void noLingerMakesACloseAnAbort() throws Exception {
        CarriedChannel channel = channel(Side.SERVER);
        wire.room = 0;
        onLoop(() -> {
            channel.writeAndFlush(text("unsent"));
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.close();
        });
        assertThat(wire.told).containsExactly("aborted", "drained");
        assertThat(wire.sent).isEmpty();
    }

    @Test
    void theTargetsEndOfOutputIsTheEnd() throws Exception {
        CarriedChannel channel = channel(Side.SERVER);
        onLoop(() -> channel.shutdownOutput());
        assertThat(channel.isOpen()).isFalse();
        assertThat(wire.told).containsExactly("closed", "drained");
    }

    @Test
    void afterTheApplicationsEndOfOutputAnAnswerStillComes() throws Exception {
        CarriedChannel channel = channel(Side.CLIENT);
        onLoop(() -> {
            channel.shutdownOutput();
            assertThatThrownBy(() -> channel.writeAndFlush(text("late")).sync())
                    .isInstanceOf(ChannelOutputShutdownException.class);
            channel.offer(text("answer"));
            channel.read();
        });
        assertThat(seen).containsExactly("answer", "complete");
        assertThat(channel.isOpen()).isTrue();
        assertThat(channel.isOutputShutdown()).isTrue();
        assertThat(channel.closeFuture().await(10, TimeUnit.SECONDS))
                .as("closed after a silence")
                .isTrue();
    }

    @Test
    void whatIsNoBufferIsRefused() throws Exception {
        CarriedChannel channel = channel(Side.CLIENT);
        assertThat(channel.writeAndFlush("text").await().cause())
                .hasMessage("got a message of type java.lang.String, expected a ByteBuf");
    }
}

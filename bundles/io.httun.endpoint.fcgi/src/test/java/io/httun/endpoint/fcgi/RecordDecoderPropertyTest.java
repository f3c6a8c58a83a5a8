// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.tunnel.TunnelReply;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class RecordDecoderPropertyTest {
    private static final class Log implements RecordDecoder.Records {
        final List<String> records = new ArrayList<>();
        private final ByteBuf content = Unpooled.buffer();

        @Override
        public void begin(int type, int id, int length) {
            records.add(type + " " + id + " " + length);
        }

        @Override
        public void content(ByteBuf in, int length) {
            content.writeBytes(in, length);
        }

        @Override
        public void end() {
            records.add(io.netty.buffer.ByteBufUtil.hexDump(content));
            content.clear();
        }
    }

    @Provide
    Arbitrary<byte[]> records() {
        Arbitrary<Integer> types = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(4, Arbitraries.integers().between(1, 12)),
                net.jqwik.api.Tuple.of(1, Arbitraries.integers().between(0, 255)));
        Arbitrary<Integer> ids = Arbitraries.of(0, 1, 1, 1, 2, 0xffff);
        Arbitrary<byte[]> content = Arbitraries.bytes().array(byte[].class).ofMaxSize(40);
        return Combinators.combine(types, ids, content, Arbitraries.integers().between(0, 255))
                .as(FcgiClient::record)
                .list()
                .ofMaxSize(12)
                .map(all -> {
                    ByteBuf stream = Unpooled.buffer();
                    all.forEach(stream::writeBytes);
                    return FcgiClient.bytes(stream);
                });
    }

    private static List<byte[]> cut(byte[] stream, long seed) {
        Random random = new Random(seed);
        List<byte[]> pieces = new ArrayList<>();
        for (int i = 0; i < stream.length; ) {
            int end = Math.min(stream.length, i + 1 + random.nextInt(random.nextBoolean() ? 3 : 60));
            pieces.add(java.util.Arrays.copyOfRange(stream, i, end));
            i = end;
        }
        return pieces;
    }

    @Property
    void recordsAreTheSameHoweverTheyAreCut(@ForAll("records") byte[] stream, @ForAll long seed) {
        Log whole = new Log();
        new RecordDecoder().decode(Unpooled.wrappedBuffer(stream), whole);
        Log pieces = new Log();
        RecordDecoder decoder = new RecordDecoder();
        cut(stream, seed).forEach(piece -> decoder.decode(Unpooled.wrappedBuffer(piece), pieces));
        assertThat(pieces.records).isEqualTo(whole.records);
        assertThat(decoder.isWithinRecord()).isFalse();
    }

    @Property
    void namesAndValuesComeBack(@ForAll @Size(max = 20) Map<String, String> pairs) {
        Map<String, String> latin = new HashMap<>();
        pairs.forEach((name, value) -> latin.put(latin(name), latin(value)));
        ByteBuf content = Unpooled.buffer();
        latin.forEach((name, value) -> NameValues.write(content, name, value));
        Map<String, String> read = new HashMap<>();
        NameValues.read(content, read::put);
        assertThat(read).isEqualTo(latin);
    }

    private static String latin(String text) {
        return text.chars()
                .map(c -> c & 0xff)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    @Property
    void garbageForPairsIsReadOrRefused(@ForAll @Size(max = 200) byte[] garbage) {
        try {
            NameValues.read(Unpooled.wrappedBuffer(garbage), (name, value) -> assertThat(name.length() + value.length())
                    .isLessThan(garbage.length));
        } catch (FcgiException e) {
            assertThat(e).hasMessageContaining("name");
        }
    }

    /** Whatever records come in whatever order: the connection stands, no request is left behind, no memory is kept. */
    @Property
    void anyRecordsLeaveTheConnectionUsable(@ForAll("records") byte[] stream, @ForAll long seed) {
        Serving serving = serving();
        EmbeddedChannel channel = new EmbeddedChannel(new FcgiConnection(serving));
        for (byte[] piece : cut(stream, seed)) {
            if (channel.isOpen()) {
                channel.writeInbound(Unpooled.wrappedBuffer(piece));
            }
        }
        channel.checkException();
        end(channel, serving);
    }

    @Property
    void anyBytesDoNoHarm(@ForAll @Size(max = 400) byte[] garbage, @ForAll boolean beginsRight) {
        Serving serving = serving();
        EmbeddedChannel channel = new EmbeddedChannel(new FcgiConnection(serving));
        if (beginsRight) {
            channel.writeInbound(Unpooled.wrappedBuffer(FcgiClient.begin(1, 1, true)));
        }
        channel.writeInbound(Unpooled.wrappedBuffer(garbage));
        channel.checkException();
        end(channel, serving);
    }

    private static Serving serving() {
        return new Serving(
                request -> {
                    request.body().release();
                    return request.path().contains("1")
                            ? new CompletableFuture<>()
                            : CompletableFuture.completedFuture(TunnelReply.refused());
                },
                FcgiEndpointSettings.read(Map.of("path", "")));
    }

    private static void end(EmbeddedChannel channel, Serving serving) {
        channel.releaseOutbound();
        channel.finishAndReleaseAll();
        assertThat(serving.waiting()).isZero();
        assertThat(serving.connections).isEmpty();
        assertThat(serving.isIdle()).isTrue();
    }
}

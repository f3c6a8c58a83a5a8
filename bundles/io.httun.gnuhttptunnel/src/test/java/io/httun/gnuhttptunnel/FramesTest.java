// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.httun.testrig.Vectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class FramesTest {
    /** What a reader saw, as the vectors write it; data in one piece per frame is not promised, so lengths are summed up. */
    private static final class Seen implements FrameReader.Frames {
        private final List<String> controls = new ArrayList<>();
        private final ByteArrayOutputStream data = new ByteArrayOutputStream();

        @Override
        public void data(ByteBuf bytes) {
            try {
                bytes.readBytes(data, bytes.readableBytes());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            bytes.release();
        }

        @Override
        public void control(int type) {
            controls.add(
                    switch (type) {
                        case FrameReader.OPEN -> "OPEN";
                        case FrameReader.PADDING -> "PADDING";
                        case FrameReader.ERROR -> "ERROR";
                        case FrameReader.PAD1 -> "PAD1";
                        case FrameReader.CLOSE -> "CLOSE";
                        default -> "DISCONNECT";
                    });
        }
    }

    private static Seen read(int piece, byte[] body) {
        Seen seen = new Seen();
        FrameReader reader = new FrameReader(seen);
        for (int i = 0; i < body.length; i += piece) {
            reader.read(Unpooled.wrappedBuffer(body, i, Math.min(piece, body.length - i)));
        }
        return seen;
    }

    @Test
    void readsEveryRecordedBodyInPiecesOfAnySize() throws Exception {
        Vectors.objects(Vectors.load("gnu-httptunnel.json").get("exchanges")).forEach(FramesTest::checkExchange);
    }

    private static void checkExchange(JsonObject exchange) {
        Map<String, ByteArrayOutputStream> bodies = new TreeMap<>();
        Vectors.objects(exchange.get("steps")).forEach(step -> bodies.computeIfAbsent(
                        Vectors.text(step, "conn") + Vectors.text(step, "dir"), any -> new ByteArrayOutputStream())
                .writeBytes(Vectors.hex(step, "bodyHex")));
        Vectors.objects(exchange.get("bodies")).forEach(expected -> {
            List<String> controls = new ArrayList<>();
            int data = 0;
            for (JsonElement frame : expected.getAsJsonArray("frames")) {
                String[] parts = frame.getAsString().split("[\\[\\]]");
                if (parts[0].equals("DATA")) {
                    data += Integer.parseInt(parts[1]);
                } else {
                    controls.add(parts[0]);
                }
            }
            // What a stock program writes behind its CLOSE means nothing any more.
            int last = controls.indexOf("CLOSE");
            List<String> meant = last < 0 ? controls : controls.subList(0, last + 1);
            byte[] body = bodies.get(Vectors.text(expected, "conn") + Vectors.text(expected, "dir"))
                    .toByteArray();
            assertThat(body).hasSize(expected.get("bytes").getAsInt());
            for (int piece : new int[] {1, 2, 7, 100_000}) {
                Seen seen = read(piece, body);
                assertThat(seen.controls).as(Vectors.text(exchange, "name")).isEqualTo(meant);
                assertThat(seen.data.size()).isEqualTo(data);
            }
        });
    }

    @Test
    void refusesWhatNoBodyHolds() {
        for (int type : new int[] {0x00, 0x05, 0x3f, 0x48, 0x80, 0xc5}) {
            assertThatThrownBy(() -> read(1, new byte[] {(byte) type}))
                    .isInstanceOf(GnuFrameException.class)
                    .hasMessageContaining("0x" + Integer.toHexString(type));
        }
    }

    @Test
    void looksAtNothingBehindTheEnd() {
        Seen seen = read(4, new byte[] {FrameReader.CLOSE, 0, 0, 0});
        assertThat(seen.controls).containsExactly("CLOSE");
    }

    @Property
    void neverFailsButWithItsOwnException(@ForAll byte[] body) {
        try {
            Seen seen = read(3, body);
            assertThat(seen.data.size()).isLessThanOrEqualTo(body.length);
        } catch (GnuFrameException e) {
            assertThat(e).hasMessageStartingWith("got a frame of type");
        }
    }

    @Property
    void aHeadIsReadOrRefusedWhateverComes(@ForAll byte[] bytes) {
        try {
            RequestHead.read(Unpooled.wrappedBuffer(bytes));
        } catch (GnuFrameException e) {
            assertThat(e).hasMessageStartingWith("got a request");
        }
    }

    @Test
    void readsTheHeadsOfStockClients() throws Exception {
        Vectors.objects(Vectors.load("gnu-httptunnel.json").get("exchanges"))
                .flatMap(exchange -> Vectors.objects(exchange.get("steps")))
                .filter(step -> step.has("head") && Vectors.text(step, "dir").equals(">"))
                .forEach(step -> {
                    String text = Vectors.text(step, "head");
                    RequestHead head =
                            RequestHead.read(Unpooled.copiedBuffer(text, java.nio.charset.StandardCharsets.US_ASCII));
                    assertThat(head.get()).isEqualTo(text.startsWith("GET"));
                });
    }
}

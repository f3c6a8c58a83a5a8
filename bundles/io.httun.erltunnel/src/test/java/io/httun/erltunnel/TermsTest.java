// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.httun.testrig.Vectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.math.BigInteger;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TermsTest {
    private static final UnpooledByteBufAllocator ALLOC = UnpooledByteBufAllocator.DEFAULT;

    private static Message read(String hex) {
        return Terms.read(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex)));
    }

    /** Gives the buffer back. */
    static String hex(ByteBuf term) {
        try {
            return ByteBufUtil.hexDump(term);
        } finally {
            term.release();
        }
    }

    @Test
    void readsAndWritesEveryRecordedMessage() throws Exception {
        Vectors.objects(Vectors.load("erltunnel.json").get("exchanges"))
                .flatMap(exchange -> exchange.has("messages")
                        ? Vectors.objects(exchange.get("messages"))
                        : Stream.of(exchange.getAsJsonArray("connections"))
                                .flatMap(all -> all.asList().stream())
                                .flatMap(Vectors::objects))
                .filter(message -> message.has("bodyHex"))
                .forEach(message -> assertThat(hex(written(read(Vectors.text(message, "bodyHex")))))
                        .as(Vectors.text(message, "term"))
                        .isEqualTo(Vectors.text(message, "bodyHex")));
    }

    private static ByteBuf written(Message message) {
        if (message instanceof Message.Open open) {
            String[] parts = open.host().split("\\.");
            byte[] address = new byte[4];
            for (int i = 0; i < 4; i++) {
                address[i] = (byte) Integer.parseInt(parts[i]);
            }
            return Terms.open(ALLOC, address, open.port());
        } else if (message instanceof Message.Ok ok) {
            return Terms.ok(ALLOC, ok.id());
        } else if (message instanceof Message.Close close) {
            return Terms.close(ALLOC, close.id());
        } else if (message instanceof Message.Data data) {
            ByteBuf out = Terms.data(ALLOC, data.id(), data.bytes().readableBytes());
            int start = out.writerIndex();
            Terms.setLength(out.writeBytes(data.bytes()), start);
            return out;
        }
        return Terms.error(ALLOC);
    }

    /** Two that a stock server takes are refused on purpose: a compressed term and an IPv6 address. */
    @Test
    void takesWhatAStockServerTakesButWhatIsDangerous() throws Exception {
        Vectors.objects(Vectors.load("erltunnel.json").get("stockServerAccepts"))
                .forEach(TermsTest::check);
    }

    private static void check(JsonObject vector) {
        String name = Vectors.text(vector, "case");
        String hex = Vectors.text(vector, "bodyHex");
        boolean takes = Vectors.text(vector, "answer").equals("{ok,ID}") && !name.contains("compressed");
        if (takes) {
            assertThat(read(hex)).as(name).isInstanceOf(Message.Open.class);
        } else if (!name.contains("unknown id")) {
            assertThatThrownBy(() -> read(hex)).as(name).isInstanceOf(TermException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0", "2", "255", "256", "-1", "2147483647", "2147483648", "-2147483649", "18446744073709551615"})
    void idsComeBackAsTheyWere(String text) {
        BigInteger id = new BigInteger(text);
        assertThat(read(hex(Terms.ok(ALLOC, id)))).isEqualTo(new Message.Ok(id));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "83",
                "8368",
                "8368036400046461746161026d7fffffff",
                "8368036400046461746161026dffffffff00",
                "83690fffffff6400046f70656e",
                "836802640005636c6f73656eff00",
                "836802640005636c6f73656e2100",
                "8364ffff",
                "8368026400046f70656e68026cffffffff6161",
                "8368026400046f70656e68026804620000010061006100610162000000ff",
                "8368026400046f70656e6802680461016102610361046200010000"
            })
    void refusesWhatIsHostile(String hex) {
        assertThatThrownBy(() -> read(hex)).isInstanceOf(TermException.class).hasMessageStartingWith("got a");
    }

    @Property
    void neverFailsButWithItsOwnException(@ForAll byte[] body) {
        tryToRead(Unpooled.wrappedBuffer(body));
        tryToRead(Unpooled.wrappedBuffer(new byte[] {(byte) 131, 104, 2, 100, 0, 4, 'o', 'p', 'e', 'n'}, body));
        tryToRead(Unpooled.wrappedBuffer(new byte[] {(byte) 131, 104, 3, 100, 0, 4, 'd', 'a', 't', 'a'}, body));
    }

    private static void tryToRead(ByteBuf body) {
        try {
            assertThat(Terms.read(body)).isNotNull();
        } catch (TermException e) {
            assertThat(e).hasMessageStartingWith("got a");
        }
    }
}

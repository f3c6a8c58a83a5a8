// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code l7-container.json}, and what holds for every container. */
class L7ContainerTest {
    private static final JsonObject FILE =
            StockVectors.load("l7-container.json").getAsJsonObject();

    static Stream<Named<JsonObject>> encode() {
        return StockVectors.objects(FILE.getAsJsonArray("encode"))
                .map(v -> Named.of(
                        StockVectors.text(v, "address")
                                + ' '
                                + StockVectors.text(v, "data").length(),
                        v));
    }

    static Stream<Named<JsonObject>> accepted() {
        return decode().filter(v -> v.getPayload().get("accepted").getAsBoolean());
    }

    static Stream<Named<JsonObject>> refused() {
        return decode().filter(v -> !v.getPayload().get("accepted").getAsBoolean());
    }

    private static Stream<Named<JsonObject>> decode() {
        return StockVectors.objects(FILE.getAsJsonArray("decode")).map(v -> Named.of(StockVectors.text(v, "case"), v));
    }

    @ParameterizedTest
    @MethodSource("encode")
    void writesTheSameBytes(JsonObject vector) throws UnknownHostException {
        InetSocketAddress target = address(vector);
        ByteBuf payload = Unpooled.buffer();
        L7Container.writeHeader(payload, target.getAddress(), target.getPort());
        payload.writeBytes(StockVectors.hex(vector, "data"));
        assertThat(ByteBufUtil.hexDump(payload)).isEqualTo(StockVectors.text(vector, "payload"));
    }

    @ParameterizedTest
    @MethodSource("encode")
    void readsThemBack(JsonObject vector) throws UnknownHostException {
        InetSocketAddress target = address(vector);
        ByteBuf payload = Unpooled.wrappedBuffer(StockVectors.hex(vector, "payload"));
        L7Container container = L7Container.read(payload);
        assertThat(container.address()).isEqualTo(target.getAddress());
        assertThat(container.port()).isEqualTo(target.getPort());
        assertThat(ByteBufUtil.getBytes(container.data())).isEqualTo(StockVectors.hex(vector, "data"));
        assertThat(payload.readableBytes()).isEqualTo(StockVectors.hex(vector, "payload").length);
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void acceptsWhatTheStockDecoderAccepts(JsonObject vector) throws UnknownHostException {
        L7Container container = L7Container.read(payload(vector));
        assertThat(new InetSocketAddress(container.address(), container.port())).isEqualTo(address(vector));
        assertThat(container.data().readableBytes())
                .isEqualTo(vector.get("dataLength").getAsInt());
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refusesWhatTheStockDecoderRefuses(JsonObject vector) {
        ByteBuf payload = payload(vector);
        assertThatThrownBy(() -> L7Container.read(payload))
                .isInstanceOf(FrameException.class)
                .hasMessage("L7 container of " + payload.readableBytes() + " bytes, expected 18 to 65535");
    }

    @Test
    void aMappedAddressComesBackAsIpv4SoThatNoFilterIsLedAround() {
        ByteBuf payload = Unpooled.wrappedBuffer(HexFormat.of().parseHex("00000000000000000000ffff7f0000010016"));
        assertThat(L7Container.read(payload).address().getAddress()).containsExactly(127, 0, 0, 1);
    }

    /** A payload as hex or, where it is very long, the description that the file gives of it. */
    private static ByteBuf payload(JsonObject vector) {
        String text = StockVectors.text(vector, "payload");
        if (!text.startsWith("(")) {
            return Unpooled.wrappedBuffer(StockVectors.hex(vector, "payload"));
        }
        assertThat(text).contains("10 zero bytes, ffff7f0000010050, then zero bytes");
        int length = Integer.parseInt(text.substring(1, text.indexOf(' ')));
        byte[] head = HexFormat.of().parseHex("ffff7f0000010050");
        return Unpooled.buffer(length).writeZero(10).writeBytes(head).writeZero(length - 10 - head.length);
    }

    private static InetSocketAddress address(JsonObject vector) throws UnknownHostException {
        String text = StockVectors.text(vector, "address");
        int colon = text.lastIndexOf(':');
        byte[] raw = NetUtil.createByteArrayFromIpAddressString(text.substring(0, colon));
        return new InetSocketAddress(InetAddress.getByAddress(raw), Integer.parseInt(text.substring(colon + 1)));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What the stock program was recorded doing, done again by this implementation. */
class VectorsTest {

    @TestFactory
    Stream<DynamicTest> keyAgreement() {
        return VectorFile.objects(VectorFile.vectors("keys-and-frames")).stream()
                .map(vector -> DynamicTest.dynamicTest((String) vector.get("ownPublicKey"), () -> {
                    byte[] agreed = StockKeys.agree(
                            StockKeys.privateKey(hex(vector.get("ownPrivateKey"))), hex(vector.get("peerPublicKey")));
                    assertThat(agreed).isEqualTo(hex(vector.get("x25519")));
                    byte[] key = hex(vector.get("sessionKey"));
                    assertThat(StockKeys.sessionKey(hex(vector.get("sharedSecret")), agreed))
                            .isEqualTo(key);
                    for (Map<String, Object> frame : VectorFile.objects(vector.get("frames"))) {
                        assertFrame(frame, key);
                    }
                }));
    }

    private static void assertFrame(Map<String, Object> vector, byte[] key) throws StockException {
        byte[] sealed = StockFrame.fromBase64((String) vector.get("frame"));
        StockFrame frame = StockFrame.open(sealed, key);
        assertThat(frame.init()).isFalse();
        assertThat(frame.operation()).isEqualTo(operation(vector.get("operation")));
        assertThat(frame.sequence()).isEqualTo(Long.parseUnsignedLong((String) vector.get("sequence"), 16));
        assertThat(frame.payload()).isEqualTo(hex(vector.get("payload")));
        byte[] start = hex((String) vector.get("typeByte") + vector.get("nonce"));
        assertThat(frame.seal(key, start)).isEqualTo(sealed);
    }

    @TestFactory
    Stream<DynamicTest> init() {
        return VectorFile.objects(VectorFile.vectors("init")).stream()
                .map(vector -> DynamicTest.dynamicTest((String) vector.get("uuid"), () -> {
                    byte[] key = StockKeys.initKey(hex(vector.get("sharedSecret")));
                    assertThat(key).isEqualTo(hex(vector.get("initKey")));
                    StockInit init = StockInit.open(StockFrame.fromBase64((String) vector.get("frame")), key);
                    assertThat(init.uuid()).isEqualTo(UUID.fromString((String) vector.get("uuid")));
                    assertThat(init.publicKey()).isEqualTo(hex(vector.get("publicKey")));
                    assertThat(init.toBytes()).isEqualTo(hex(vector.get("payload")));
                    assertThat(StockFrame.open(init.seal(key), key).sequence()).isEqualTo(-1);
                }));
    }

    @TestFactory
    Stream<DynamicTest> hostileFrames() {
        Map<String, Object> vectors = VectorFile.object(VectorFile.vectors("hostile-frames"));
        byte[] key = hex(vectors.get("initKey"));
        return VectorFile.objects(vectors.get("cases")).stream()
                .map(vector -> DynamicTest.dynamicTest((String) vector.get("case"), () -> {
                    StockFrame frame = openOrNull((String) vector.get("frame"), key);
                    assertThat(frame != null).isEqualTo(vector.get("accepted"));
                    if (frame != null) {
                        assertThat(frame.init() ? 0L : 1L).isEqualTo(vector.get("typeBit"));
                        assertThat(frame.operation()).isEqualTo(operation(vector.get("operation")));
                        assertThat((long) frame.payload().length).isEqualTo(vector.get("payloadLength"));
                    }
                }));
    }

    private static StockFrame openOrNull(String frame, byte[] key) {
        try {
            return StockFrame.open(StockFrame.fromBase64(frame), key);
        } catch (StockException e) {
            return null;
        }
    }

    @TestFactory
    Stream<DynamicTest> sequence() {
        return VectorFile.objects(
                        VectorFile.object(VectorFile.vectors("sequence")).get("cases"))
                .stream()
                .map(vector -> DynamicTest.dynamicTest(vector.get("case") + " " + vector.get("type"), () -> {
                    StockSequence check = new StockSequence(
                            StockSequence.Type.valueOf((String) vector.get("type")),
                            ((Long) vector.get("window")).intValue());
                    for (Map<String, Object> step : VectorFile.objects(vector.get("steps"))) {
                        long number = Long.parseUnsignedLong((String) step.get("sequence"), 16);
                        assertThat(isAccepted(check, number)).as("%s", step).isEqualTo(step.get("accepted"));
                    }
                }));
    }

    private static boolean isAccepted(StockSequence check, long number) {
        try {
            check.accept(number);
            return true;
        } catch (StockException e) {
            return false;
        }
    }

    @TestFactory
    Stream<DynamicTest> containers() {
        return VectorFile.objects(
                        VectorFile.object(VectorFile.vectors("l7-container")).get("encode"))
                .stream()
                .map(vector -> DynamicTest.dynamicTest((String) vector.get("address"), () -> {
                    byte[] payload = hex(vector.get("payload"));
                    StockContainer container = StockContainer.parse(payload);
                    assertThat(container.address()).isEqualTo(address((String) vector.get("address")));
                    assertThat(container.data()).isEqualTo(hex(vector.get("data")));
                    assertThat(container.toBytes()).isEqualTo(payload);
                }));
    }

    @TestFactory
    Stream<DynamicTest> malformedContainers() {
        return VectorFile.objects(
                        VectorFile.object(VectorFile.vectors("l7-container")).get("decode"))
                .stream()
                .map(vector -> DynamicTest.dynamicTest((String) vector.get("case"), () -> {
                    StockContainer container = parseOrNull(payload((String) vector.get("payload")));
                    assertThat(container != null).isEqualTo(vector.get("accepted"));
                    if (container != null) {
                        assertThat((long) container.data().length).isEqualTo(vector.get("dataLength"));
                    }
                }));
    }

    private static StockContainer parseOrNull(byte[] payload) {
        try {
            return StockContainer.parse(payload);
        } catch (StockException e) {
            return null;
        }
    }

    /** Hex, or the description of a payload too long to be written out. */
    private static byte[] payload(String text) {
        if (!text.startsWith("(")) {
            return hex(text);
        }
        byte[] start = hex("0".repeat(20) + "ffff7f0000010050");
        return Arrays.copyOf(start, Integer.parseInt(text.substring(1, text.indexOf(' '))));
    }

    private static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        return new InetSocketAddress(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    }

    private static StockOperation operation(Object name) {
        return StockOperation.valueOf(
                ((String) name).replaceAll("(?<=.)(To|From)", "_$1_").toUpperCase(Locale.ROOT));
    }

    private static byte[] hex(Object text) {
        return HexFormat.of().parseHex((String) text);
    }
}

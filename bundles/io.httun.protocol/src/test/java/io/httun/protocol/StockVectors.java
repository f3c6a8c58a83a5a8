// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.httun.api.crypto.EphemeralKeyPair;
import io.httun.api.crypto.FrameKey;
import io.httun.api.crypto.SharedSecret;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The vectors recorded from the stock program, with conversions of their fields. */
final class StockVectors {
    private static final HexFormat HEX = HexFormat.of();
    private static final Map<String, Operation> OPERATIONS = Map.of(
            "Init", Operation.INIT,
            "L3ToSrv", Operation.L3_TO_SERVER,
            "L3FromSrv", Operation.L3_FROM_SERVER,
            "L7ToSrv", Operation.L7_TO_SERVER,
            "L7FromSrv", Operation.L7_FROM_SERVER,
            "TestToSrv", Operation.TEST_TO_SERVER,
            "TestFromSrv", Operation.TEST_FROM_SERVER);

    private StockVectors() {}

    static JsonElement load(String file) {
        try (Reader reader = new InputStreamReader(
                Objects.requireNonNull(StockVectors.class.getResourceAsStream("/vectors/" + file), file),
                StandardCharsets.UTF_8)) {
            return JsonParser.parseReader(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<JsonObject> objects(JsonArray array) {
        return StreamSupport.stream(array.spliterator(), false).map(JsonElement::getAsJsonObject);
    }

    static String text(JsonObject vector, String field) {
        return vector.get(field).getAsString();
    }

    static byte[] hex(JsonObject vector, String field) {
        return HEX.parseHex(text(vector, field));
    }

    static SharedSecret secret(JsonObject vector) {
        return SharedSecret.ofHex(text(vector, "sharedSecret"));
    }

    static FrameKey key(JsonObject vector, String field) {
        return new FrameKey(hex(vector, field));
    }

    static long sequence(JsonObject vector) {
        return Long.parseUnsignedLong(text(vector, "sequence"), 16);
    }

    static Operation operation(JsonObject vector) {
        return Objects.requireNonNull(OPERATIONS.get(text(vector, "operation")));
    }

    /** A source that repeats these bytes. */
    static SecureRandom fixed(byte[] bytes) {
        return new SecureRandom() {
            private static final long serialVersionUID = 1L;

            @Override
            public void nextBytes(byte[] out) {
                for (int i = 0; i < out.length; i++) {
                    out[i] = bytes[i % bytes.length];
                }
            }
        };
    }

    static EphemeralKeyPair keyPair(Provider provider, byte[] privateKey) {
        return provider.agreement(fixed(privateKey)).generate();
    }

    /** Opens into a buffer of its own. */
    static Frame open(Provider provider, FrameKey key, ByteBuf frame) {
        return Frame.open(provider.cipher(), key, frame, Unpooled.buffer(Math.max(1, frame.readableBytes())));
    }
}

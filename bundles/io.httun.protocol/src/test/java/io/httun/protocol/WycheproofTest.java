// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.httun.api.HttunException;
import io.httun.api.crypto.EphemeralKeyPair;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.modes.AEADBlockCipher;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The vectors of the Wycheproof project, which lie beside the repository ({@code ../shared/wycheproof}, or below what
 * {@code -Dhttun.shared} names); skipped where they do not. Its AES-GCM ones have no frame's associated data, so they test
 * the ciphers that ours are made of.
 */
class WycheproofTest {
    @ParameterizedTest
    @EnumSource
    void x25519(Provider provider) throws IOException {
        for (JsonObject vector : vectors("x25519_test.json", group -> true)) {
            String name = provider + " " + vector.get("tcId");
            byte[] peer = StockVectors.hex(vector, "public");
            try (EphemeralKeyPair own = StockVectors.keyPair(provider, StockVectors.hex(vector, "private"))) {
                if (vector.get("flags").toString().contains("ZeroSharedSecret")) {
                    assertThatThrownBy(() -> own.agree(peer)).as(name).isInstanceOf(HttunException.class);
                } else {
                    assertThat(own.agree(peer)).as(name).isEqualTo(StockVectors.hex(vector, "shared"));
                }
            }
        }
    }

    @Test
    void aesGcmOfTheJdk() throws IOException, GeneralSecurityException {
        for (JsonObject vector : aesGcm()) {
            byte[] iv = StockVectors.hex(vector, "iv");
            byte[] key = StockVectors.hex(vector, "key");
            if (iv.length == 0) {
                assertThat(vector.get("flags").toString()).contains("ZeroLengthIv");
                continue;
            }
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, iv));
            cipher.updateAAD(StockVectors.hex(vector, "aad"));
            check(vector, () -> cipher.doFinal(sealed(vector)));
        }
    }

    @Test
    void aesGcmOfBouncyCastle() throws IOException, GeneralSecurityException {
        for (JsonObject vector : aesGcm()) {
            byte[] iv = StockVectors.hex(vector, "iv");
            if (iv.length == 0) {
                continue;
            }
            AEADBlockCipher cipher = GCMBlockCipher.newInstance(AESEngine.newInstance());
            KeyParameter key = new KeyParameter(StockVectors.hex(vector, "key"));
            cipher.init(false, new AEADParameters(key, 128, iv, StockVectors.hex(vector, "aad")));
            byte[] wire = sealed(vector);
            byte[] out = new byte[cipher.getOutputSize(wire.length)];
            check(vector, () -> {
                try {
                    cipher.doFinal(out, cipher.processBytes(wire, 0, wire.length, out, 0));
                    return out;
                } catch (InvalidCipherTextException e) {
                    throw new AEADBadTagException(e.getMessage());
                }
            });
        }
    }

    private interface Opening {
        byte[] open() throws GeneralSecurityException;
    }

    private static void check(JsonObject vector, Opening opening) throws GeneralSecurityException {
        String name = "vector " + vector.get("tcId");
        if (StockVectors.text(vector, "result").equals("valid")) {
            assertThat(opening.open()).as(name).isEqualTo(StockVectors.hex(vector, "msg"));
        } else {
            assertThatThrownBy(opening::open).as(name).isInstanceOf(AEADBadTagException.class);
        }
    }

    private static byte[] sealed(JsonObject vector) {
        byte[] text = StockVectors.hex(vector, "ct");
        byte[] tag = StockVectors.hex(vector, "tag");
        byte[] both = new byte[text.length + tag.length];
        System.arraycopy(text, 0, both, 0, text.length);
        System.arraycopy(tag, 0, both, text.length, tag.length);
        return both;
    }

    private static List<JsonObject> aesGcm() throws IOException {
        return vectors("aes_gcm_test.json", group -> group.get("keySize").getAsInt() == 256);
    }

    private static List<JsonObject> vectors(String file, Predicate<JsonObject> groups) throws IOException {
        Optional<Path> path = folders()
                .map(folder -> folder.resolve("wycheproof").resolve(file))
                .filter(Files::exists)
                .findFirst();
        assumeTrue(path.isPresent(), "Skipped: no " + file + " in ../shared/wycheproof or below -Dhttun.shared");
        try (Reader reader = Files.newBufferedReader(path.orElseThrow())) {
            List<JsonObject> found = StockVectors.objects(
                            JsonParser.parseReader(reader).getAsJsonObject().getAsJsonArray("testGroups"))
                    .filter(groups)
                    .flatMap(group -> StockVectors.objects(group.getAsJsonArray("tests")))
                    .toList();
            assertThat(found).hasSizeGreaterThan(90);
            return found;
        }
    }

    /** Where the vectors may be: as told, else beside the root of the repository, which holds the wrapper. */
    private static Stream<Path> folders() {
        String told = System.getProperty("httun.shared");
        Path module = Path.of("").toAbsolutePath();
        return told != null
                ? Stream.of(Path.of(told))
                : Stream.iterate(module, Objects::nonNull, Path::getParent)
                        .filter(folder -> Files.exists(folder.resolve("mvnw")))
                        .map(root -> root.resolveSibling("shared"));
    }
}

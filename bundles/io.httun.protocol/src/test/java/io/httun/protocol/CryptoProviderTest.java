// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.HttunException;
import io.httun.api.crypto.EphemeralKeyPair;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.FrameKey;
import io.httun.api.crypto.KeyAgreement;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The contracts of {@link FrameCipher} and {@link KeyAgreement}, for both bundles. */
class CryptoProviderTest {
    private static final int OVERHEAD = FrameCipher.SEALED_OFFSET + FrameCipher.TAG_LENGTH;

    @ParameterizedTest
    @EnumSource
    void whatIsTooShortWasNotSealedUnderTheKey(Provider provider) {
        FrameKey key = key();
        for (int length = 0; length <= OVERHEAD; length++) {
            assertThat(provider.cipher().open(key, new byte[OVERHEAD], 0, length, new byte[OVERHEAD], 0))
                    .isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void leavesNoPlainTextOfAForgedFrame(Provider provider) {
        FrameKey key = key();
        byte[] frame = new byte[1_000 + OVERHEAD];
        Arrays.fill(frame, FrameCipher.SEALED_OFFSET, 1_000, (byte) 7);
        provider.cipher().seal(key, frame, 0, 1_000);
        frame[frame.length - 1] ^= 1;
        byte[] out = new byte[1_000];
        assertThat(provider.cipher().open(key, frame, 0, frame.length, out, 0)).isFalse();
        assertThat(out).containsOnly(0);
    }

    @ParameterizedTest
    @EnumSource
    void aDestroyedKeyNeitherSealsNorOpens(Provider provider) {
        FrameKey key = key();
        byte[] frame = new byte[10 + OVERHEAD];
        provider.cipher().seal(key, frame, 0, 10);
        key.destroy();
        assertThatThrownBy(() -> provider.cipher().open(key, frame, 0, frame.length, new byte[10], 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("this key has been destroyed");
        frame[1] ^= 1;
        byte[] before = frame.clone();
        assertThatThrownBy(() -> provider.cipher().seal(key, frame, 0, 10))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("this key has been destroyed");
        assertThat(frame).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void opensIntoAnotherPlaceOfTheSameArray(Provider provider) {
        FrameKey key = key();
        for (int length : new int[] {1, 1_400, 65_535, 100}) {
            byte[] chunk = new byte[4 * (length + OVERHEAD)];
            int offset = length + OVERHEAD;
            chunk[offset + 1] = (byte) length;
            chunk[offset + 2] = (byte) (length >>> Byte.SIZE);
            Arrays.fill(
                    chunk, offset + FrameCipher.SEALED_OFFSET, offset + FrameCipher.SEALED_OFFSET + length, (byte) 9);
            provider.cipher().seal(key, chunk, offset, length);
            byte[] wire = Arrays.copyOfRange(chunk, offset, offset + length + OVERHEAD);
            for (int out : new int[] {0, 2 * offset}) {
                assertThat(provider.cipher().open(key, chunk, offset, length + OVERHEAD, chunk, out))
                        .isTrue();
                assertThat(Arrays.copyOfRange(chunk, out, out + length)).matches(CryptoProviderTest::allNine);
                assertThat(Arrays.copyOfRange(chunk, offset, offset + wire.length))
                        .isEqualTo(wire);
            }
        }
    }

    private static boolean allNine(byte[] bytes) {
        return IntStream.range(0, bytes.length).allMatch(i -> bytes[i] == 9);
    }

    @ParameterizedTest
    @EnumSource
    void manyThreadsMaySealAndOpenAtOnceUnderOneKey(Provider provider) {
        FrameKey key = key();
        assertThat(IntStream.range(0, 400).parallel().allMatch(i -> {
                    byte[] frame = new byte[i + OVERHEAD];
                    frame[1] = (byte) i;
                    frame[2] = (byte) (i >>> Byte.SIZE);
                    Arrays.fill(frame, FrameCipher.SEALED_OFFSET, FrameCipher.SEALED_OFFSET + i, (byte) i);
                    byte[] plain = Arrays.copyOfRange(frame, FrameCipher.SEALED_OFFSET, FrameCipher.SEALED_OFFSET + i);
                    byte[] out = new byte[i];
                    provider.cipher().seal(key, frame, 0, i);
                    return provider.cipher().open(key, frame, 0, frame.length, out, 0) && Arrays.equals(plain, out);
                }))
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void hashesBothArraysInOrder(Provider provider) {
        KeyAgreement agreement = provider.agreement(new SecureRandom());
        byte[] abc = agreement.sha3(new byte[] {'a'}, new byte[] {'b', 'c'});
        // FIPS 202, the example for "abc".
        assertThat(HexFormat.of().formatHex(abc))
                .isEqualTo("3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
    }

    static Stream<Arguments> pairsOfProviders() {
        return Stream.of(Provider.values())
                .flatMap(one -> Stream.of(Provider.values()).map(other -> Arguments.of(one, other)));
    }

    @ParameterizedTest
    @MethodSource("pairsOfProviders")
    void agreesWithTheOtherEndWhicheverProviderThatHas(Provider one, Provider other) {
        try (EphemeralKeyPair mine = one.agreement(new SecureRandom()).generate();
                EphemeralKeyPair theirs = other.agreement(new SecureRandom()).generate()) {
            assertThat(mine.publicKey()).hasSize(KeyAgreement.LENGTH).isNotEqualTo(theirs.publicKey());
            assertThat(mine.agree(theirs.publicKey())).isEqualTo(theirs.agree(mine.publicKey()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesKeysOfOtherLengths(Provider provider) {
        try (EphemeralKeyPair pair = provider.agreement(new SecureRandom()).generate()) {
            for (int length : new int[] {0, 31, 33, 4_096}) {
                assertThatThrownBy(() -> pair.agree(new byte[length]))
                        .isInstanceOf(HttunException.class)
                        .hasMessage("got an X25519 public key of " + length + " bytes, expected 32");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesPointsOfSmallOrder(Provider provider) {
        // The points of order 1, 2, 4 and 8, and other spellings of theirs.
        Stream<String> points = Stream.of(
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0100000000000000000000000000000000000000000000000000000000000000",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                "0000000000000000000000000000000000000000000000000000000000000080");
        try (EphemeralKeyPair pair = provider.agreement(new SecureRandom()).generate()) {
            points.forEach(
                    point -> assertThatThrownBy(() -> pair.agree(HexFormat.of().parseHex(point)))
                            .isInstanceOf(HttunException.class)
                            .hasMessage("got an X25519 public key of small order"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClosedPairAgreesOnNothing(Provider provider) {
        EphemeralKeyPair pair = provider.agreement(new SecureRandom()).generate();
        pair.publicKey()[0] ^= 1;
        byte[] peer = pair.publicKey();
        pair.close();
        assertThatThrownBy(() -> pair.agree(peer)).hasMessage("this key pair is closed");
    }

    private static FrameKey key() {
        byte[] bytes = new byte[FrameKey.LENGTH];
        new SecureRandom().nextBytes(bytes);
        return new FrameKey(bytes);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.api.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameKeyTest {
    @Test
    void forgetsItsBytesWhenDestroyed() {
        byte[] bytes = filled();
        FrameKey key = new FrameKey(bytes);
        assertThat(key.getEncoded()).isEqualTo(filled()).isNotSameAs(bytes);
        assertThat(key.isDestroyed()).isFalse();
        key.destroy();
        key.destroy();
        assertThat(key.isDestroyed()).isTrue();
        assertThat(bytes).containsOnly(0);
        assertThatThrownBy(key::getEncoded)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("this key has been destroyed");
    }

    @Test
    void neverComesOutHalfDestroyed() {
        for (int i = 0; i < 2_000; i++) {
            FrameKey key = new FrameKey(filled());
            CompletableFuture<Void> destroyed = CompletableFuture.runAsync(key::destroy);
            while (!destroyed.isDone()) {
                try {
                    assertThat(key.getEncoded()).isEqualTo(filled());
                } catch (IllegalStateException e) {
                    assertThat(e).hasMessage("this key has been destroyed");
                }
            }
        }
    }

    @Test
    void isAnAesKeyThatShowsNothingOfItself() {
        FrameKey key = new FrameKey(filled());
        assertThat(key.getAlgorithm()).isEqualTo("AES");
        assertThat(key.getFormat()).isEqualTo("RAW");
        assertThat(key).hasToString("FrameKey[***]");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 16, 31, 33})
    void has32Bytes(int length) {
        assertThatThrownBy(() -> new FrameKey(new byte[length]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a frame key has 32 bytes, got " + length);
    }

    private static byte[] filled() {
        byte[] bytes = new byte[FrameKey.LENGTH];
        Arrays.fill(bytes, (byte) 5);
        return bytes;
    }
}

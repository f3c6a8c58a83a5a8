// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTextTest {
    @ParameterizedTest
    @ValueSource(strings = {"QQ==", "QQ=", "QUI=", "QR", "QUJ"})
    void refusesASecondSpellingOfTheSameBytes(String text) {
        assertThatThrownBy(() -> FrameText.decode(text))
                .isInstanceOf(FrameException.class)
                .hasMessageStartingWith("frame ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Q", "Q+==", "ab/d", "ab d", "abcd\n", "abc\u0161", "ab%3d"})
    void refusesOtherCharacters(String text) {
        assertThatThrownBy(() -> FrameText.decode(text))
                .isInstanceOf(FrameException.class)
                .hasMessage("frame is not base64url");
    }
}

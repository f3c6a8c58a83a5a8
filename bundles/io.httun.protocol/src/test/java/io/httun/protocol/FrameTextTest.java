// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTextTest {
    @Property
    void roundTrip(@ForAll byte[] frame) {
        String text = FrameText.encode(Unpooled.directBuffer().writeBytes(frame));
        assertThat(text).matches("[A-Za-z0-9_-]*");
        assertThat(ByteBufUtil.getBytes(FrameText.decode(text))).isEqualTo(frame);
    }

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

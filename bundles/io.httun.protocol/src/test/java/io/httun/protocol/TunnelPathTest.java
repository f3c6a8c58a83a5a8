// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TunnelPathTest {
    @Test
    void parsesWhatTheStockClientSends() {
        assertThat(TunnelPath.parse("/7/r/2006A0CA5A")).isEqualTo(new TunnelPath(7, true, 0x2006A0CA5AL));
        assertThat(TunnelPath.parse("/32767/w/FFFFFFFFFF")).isEqualTo(new TunnelPath(32_767, false, Serials.MASK));
    }

    @ParameterizedTest
    @ValueSource(strings = {"//7//r/2006A0CA5A", "7/r/2006A0CA5A/", "/007/r/2006a0ca5a//"})
    void skipsEmptyComponentsAndLeadingZeros(String path) {
        assertThat(TunnelPath.parse(path)).isEqualTo(new TunnelPath(7, true, 0x2006A0CA5AL));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/7/r/x", "/7/r/2006A0CA5", "/7/r/2006A0CA5A0", "/7/r/2006A0CA5G"})
    void ignoresASerialOfAnotherForm(String path) {
        assertThat(TunnelPath.parse(path)).isEqualTo(new TunnelPath(7, true, -1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "/7", "/7/r", "/7/x/2006A0CA5A", "/7/R/2006A0CA5A", "/r/7/2006A0CA5A", "/7/rw/1"})
    void refusesOtherShapes(String path) {
        assertThatThrownBy(() -> TunnelPath.parse(path))
                .isInstanceOf(FrameException.class)
                .hasMessage("path is not /{channel}/{r|w}/{serial}");
    }

    @ParameterizedTest
    @CsvSource({
        "/7/r/1/2, path has more than three components",
        "/7/r/1/%32, path has a character beyond A-Z a-z 0-9 - _ /",
        "/7/r/a.b, path has a character beyond A-Z a-z 0-9 - _ /",
        "/-7/r/1, channel id is not decimal",
        "/0x7/r/1, channel id is not decimal",
        "/000007/r/1, channel id is not decimal",
        "/32768/r/1, 'channel id 32768, expected 0 to 32767'"
    })
    void saysWhatIsWrong(String path, String message) {
        assertThatThrownBy(() -> TunnelPath.parse(path))
                .isInstanceOf(FrameException.class)
                .hasMessage(message);
    }

    @Test
    void findsTheMessageAmongOtherParameters() {
        assertThat(TunnelPath.message("m=AbC-_")).isEqualTo("AbC-_");
        assertThat(TunnelPath.message("a=1&mm=x&m=AbC&b")).isEqualTo("AbC");
        assertThat(TunnelPath.message("1&2&3&4&5&6&7&m=8")).isEqualTo("8");
    }

    @ParameterizedTest
    @CsvSource({"'', query has no m", "n=1, query has no m", "1&2&3&4&5&6&7&8&m=9, query has more than 8 parts"})
    void saysWhatIsWrongWithAQuery(String query, String message) {
        assertThatThrownBy(() -> TunnelPath.message(query))
                .isInstanceOf(FrameException.class)
                .hasMessage(message);
    }
}

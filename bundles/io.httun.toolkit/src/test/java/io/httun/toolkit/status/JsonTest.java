// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class JsonTest {
    record Nested(String text, int number, boolean truth, double fraction, List<String> list, Object nothing) {}

    @Test
    void writesEveryKindOfValue() {
        assertThat(Json.write(new Nested("a\"b\\c\t", -1, true, 0.5, List.of("x", "y"), null)))
                .isEqualTo("{\"text\":\"a\\\"b\\\\c\\u0009\",\"number\":-1,\"truth\":true,\"fraction\":0.5,"
                        + "\"list\":[\"x\",\"y\"],\"nothing\":null}");
        assertThat(Json.write(Double.NaN)).isEqualTo("null");
    }

    /** Nothing that stands in a string can end it, and every character comes back. */
    @Property
    void everyStringComesBack(@ForAll String text) {
        String json = Json.write(text);
        assertThat(json).matches("\"([ -!#-\\[\\]-~]|\\\\[\"\\\\]|\\\\u[0-9a-f]{4})*\"");
        assertThat(unescape(json.substring(1, json.length() - 1))).isEqualTo(text);
    }

    private static String unescape(String json) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < json.length(); i++) {
            if (json.charAt(i) != '\\') {
                text.append(json.charAt(i));
            } else if (json.charAt(++i) == 'u') {
                text.append((char) Integer.parseInt(json.substring(i + 1, i + 5), 16));
                i += 4;
            } else {
                text.append(json.charAt(i));
            }
        }
        return text.toString();
    }
}

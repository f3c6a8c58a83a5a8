// SPDX-License-Identifier: Apache-2.0
package io.httun.api.target;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;

class TargetPropertyTest {
    @Property
    void whateverIsParsedIsATargetOrRefusedInPrintableWords(@ForAll String text) {
        parse(text);
    }

    @Property
    void whateverLooksLikeATargetIsOneOrRefusedInPrintableWords(
            @ForAll
                    @Chars({'a', 'F', '0', '1', '2', '5', '.', ':', '[', ']', '%', '-', '\n', '\u0663'})
                    @StringLength(max = 30)
                    String text) {
        parse(text);
        parse(text + ":80");
        parse("[" + text + "]:80");
        parse("[fe80::1%" + text + "]:80");
    }

    private static void parse(String text) {
        try {
            Target target = Target.parse(text);
            assertThat(Target.parse(target.toString())).isEqualTo(target);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).matches("[ -~]+");
        }
    }
}

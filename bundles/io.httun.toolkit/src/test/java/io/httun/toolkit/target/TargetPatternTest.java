// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.target.Target;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class TargetPatternTest {
    private static boolean matches(String pattern, String target) {
        return TargetPattern.parse(pattern).matches(Target.parse(target));
    }

    @Test
    void matchesHostAndPort() {
        assertThat(matches("*.example.org:443", "www.example.org:443")).isTrue();
        assertThat(matches("*.example.org:443", "www.example.org:80")).isFalse();
        assertThat(matches("*.EXAMPLE.org", "www.example.org:80")).isTrue();
        assertThat(matches("*:8000-8100", "[::1]:8050")).isTrue();
        assertThat(matches("[2001:db8::*]", "[2001:db8::5]:1")).isTrue();
    }

    @Test
    void takesNoNameForAnAddressNorTheOtherWayRound() {
        assertThat(matches("10.*", "10.example.org:80")).isFalse();
        assertThat(matches("10.*", "10.0.0.1:80")).isTrue();
        assertThat(matches("*.1a", "10.0.0.1:80")).isFalse();
    }

    @Test
    void saysWhatIsWrong() {
        assertThatThrownBy(() -> TargetPattern.parse("a.test:0")).hasMessageContaining("the port must be 1 to 65535");
        assertThatThrownBy(() -> TargetPattern.parse("a b")).hasMessageContaining("HOST[:PORT]");
        assertThatThrownBy(() -> TargetPattern.parse("a$b")).hasMessageContaining("the host must be up to 253 letters");
    }

    @Property
    void globsMatchAsTheRegularExpressionThatTheyStandFor(
            @ForAll @Chars({'a', 'b', '*', '?'}) @StringLength(max = 8) String pattern,
            @ForAll @CharRange(from = 'a', to = 'b') @StringLength(max = 10) String text) {
        String regex = pattern.replace("?", ".").replace("*", ".*");
        assertThat(new Glob(pattern).matches(text)).isEqualTo(Pattern.matches(regex, text));
    }

    @Test
    void aHostileNameDoesNotMakeAGlobSlow() {
        String text = "a".repeat(253);
        Glob glob = new Glob("*a".repeat(120) + "*b");
        for (int i = 0; i < 10_000; i++) {
            assertThat(glob.matches(text)).isFalse();
        }
    }
}

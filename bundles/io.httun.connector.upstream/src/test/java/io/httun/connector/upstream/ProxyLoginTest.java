// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.proxy.ProxyConversation;
import io.httun.api.target.Target;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ProxyLoginTest {
    private static final ProxyCredentials MUFASA = new ProxyCredentials("", "Mufasa", "Mufasa", "Circle of Life");
    private static final String NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
    private static final String CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

    private static ProxyLogin login(LoginMethod... methods) {
        UpstreamProxy proxy = new UpstreamProxy("a", UpstreamProxy.Kind.HTTP, false, Target.of("proxy.test", 3128));
        return new ProxyLogin(proxy, Optional.of(MUFASA), List.of(methods));
    }

    private static ProxyLogin login() {
        return login(LoginMethod.values());
    }

    /** The example of RFC 7616 section 3.9.1, with its client nonce. */
    private static String example(String hash) {
        ProxyChallenge challenge = ProxyChallenge.parse(
                        List.of("Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\"," + " algorithm=" + hash
                                + ", nonce=\"" + NONCE + "\", opaque=\"FQhe\""))
                .get(0);
        DigestChallenge digest = new DigestChallenge(challenge, hash, hash, true, CNONCE, new AtomicInteger());
        return new DigestScheme(MUFASA, digest).authorization("GET", "/dir/index.html");
    }

    @Test
    void answersDigestAsInTheSpecification() {
        assertThat(example("MD5")).contains("response=\"8ca523f5e9506fed4657c9700eebdbec\"");
        assertThat(example("SHA-256"))
                .contains("response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\"")
                .contains("username=\"Mufasa\"", "opaque=\"FQhe\"", "qop=auth, nc=00000001", "algorithm=SHA-256");
    }

    @Test
    void answersDigestWithoutQopAsOldProxiesWantIt() {
        ProxyConversation conversation = login().converse();
        assertThat(conversation.challenged(List.of("Digest realm=\"r\", nonce=\"n\"")))
                .isTrue();
        // MD5 of MD5(Mufasa:r:Circle of Life):n:MD5(CONNECT:a:1), computed with md5sum.
        assertThat(conversation.authorization("CONNECT", "a:1"))
                .isEqualTo("Digest username=\"Mufasa\", realm=\"r\", nonce=\"n\", uri=\"a:1\","
                        + " response=\"29151f8b5c9846e95533ca220e1583a2\"");
    }

    @Test
    void takesTheStrongestThatIsOffered() {
        ProxyConversation conversation = login().converse();
        conversation.challenged(
                List.of(
                        "Basic realm=\"x\"",
                        "Digest realm=\"x\", nonce=\"n\", algorithm=MD5, Digest realm=\"x\", nonce=\"n\", algorithm=SHA-256, qop=auth"));
        assertThat(conversation.authorization("GET", "/")).contains("algorithm=SHA-256");
        ProxyConversation basic = login(LoginMethod.BASIC).converse();
        basic.challenged(List.of("NTLM, Digest realm=x, nonce=n, Basic realm=x"));
        assertThat(basic.authorization("GET", "/")).startsWith("Basic ");
    }

    @Test
    void logsInFromTheFirstRequestOnOnceItKnowsHow() {
        ProxyLogin login = login();
        assertThat(login.converse().authorization("GET", "/")).isEmpty();
        login.converse().challenged(List.of("Digest realm=x, nonce=n, qop=auth"));
        assertThat(login.converse().authorization("GET", "/")).contains("nc=00000001");
        assertThat(login.converse().authorization("GET", "/")).contains("nc=00000002");
    }

    @Test
    void goesOnWithANewNonceAndGivesUpOnAWrongPassword() {
        ProxyLogin login = login();
        ProxyConversation conversation = login.converse();
        assertThat(conversation.challenged(List.of("Digest realm=x, nonce=one")))
                .isTrue();
        assertThat(conversation.challenged(List.of("Digest realm=x, nonce=two, stale=true")))
                .isTrue();
        assertThat(conversation.authorization("GET", "/")).contains("nonce=\"two\"");
        assertThat(conversation.challenged(List.of("Digest realm=x, nonce=three")))
                .isFalse();
        assertThat(conversation.refusal())
                .startsWith("proxy a (http://proxy.test:3128) rejects the login of credentials.file (407, digest)");
        assertThat(login.converse().authorization("GET", "/")).isEmpty();
    }

    @Test
    void refusesANonceThatWouldSmuggleAHeader() {
        assertThat(login(LoginMethod.DIGEST).converse().challenged(List.of("Digest realm=x, nonce=\"a\r\nb: c\"")))
                .isFalse();
    }

    @Property
    void readsAnyHeaderInBoundedTime(@ForAll String text) {
        assertThat(ProxyChallenge.parse(List.of(text, "Digest " + text, "NTLM a=\"" + text)))
                .hasSizeLessThanOrEqualTo(48);
    }

    @Test
    void showsNoSecret() {
        assertThat(MUFASA.toString()).doesNotContain("Mufasa", "Circle");
    }
}

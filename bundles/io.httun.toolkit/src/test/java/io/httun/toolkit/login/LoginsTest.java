// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.audit.AuditEvent;
import io.httun.toolkit.audit.AuditTrail;
import io.httun.toolkit.login.Logins.Outcome;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoginsTest {
    /** The example of RFC 7677: its client proof follows from this stored key. */
    private static final String RFC_7677 = "user:SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ=="
            + "$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
    /** Made by htpasswd -nbB. */
    private static final String HTPASSWD = "bob:$2y$05$V81slCc8b2wmMLGl7g36TO04FviSNdBm5cwKFmnq5jcFyhs3YErBu";

    private final LoginThreads threads = new LoginThreads();
    private final LoginLimiter guesses = new LoginLimiter();

    @TempDir
    Path folder;

    @AfterEach
    void end() {
        threads.stop();
    }

    private static String bcrypt(String user, String password, int cost) {
        byte[] salt = "sixteen bytes it".getBytes(StandardCharsets.US_ASCII);
        return user + ':' + OpenBSDBCrypt.generate("2b", password.getBytes(StandardCharsets.UTF_8), salt, cost);
    }

    private String file(String... lines) throws IOException {
        Path file = folder.resolve("users");
        Files.writeString(file, String.join("\n", lines) + "\n");
        return file.toString();
    }

    private Outcome judge(Logins logins, String user, String password) {
        return logins.judge(user, password, "192.0.2.1", guesses, threads, GlobalEventExecutor.INSTANCE)
                .awaitUninterruptibly()
                .getNow();
    }

    private Logins logins(String... lines) throws IOException {
        return Logins.of(file(lines), "").orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "ann, secret, RIGHT",
        "ann, Secret, WRONG",
        "ann, '', WRONG",
        "Ann, secret, WRONG",
        "user, pencil, RIGHT",
        "bob, secret, RIGHT",
        "user, pen, WRONG",
        "zoe, secret, WRONG",
        "ämy, pässwörd, RIGHT"
    })
    void judgesByTheHashes(String user, String password, Outcome outcome) throws IOException {
        Logins logins =
                logins("# who may", "", HTPASSWD, bcrypt("ann", "secret", 4), RFC_7677, bcrypt("ämy", "pässwörd", 4));
        assertThat(judge(logins, user, password)).isEqualTo(outcome);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ann:secret",
                "ann",
                ":$2b$04$Owx3mXKlt8LrHyR1.2r1hOUTs2sKBgvEN1PwwXT2lE1KwhuySCNMe",
                "ann:$2b$31$Owx3mXKlt8LrHyR1.2r1hOUTs2sKBgvEN1PwwXT2lE1KwhuySCNMe",
                "ann:SCRAM-SHA-256$4096:secret$secret:secret",
                "bob:$2y$05$Owx3mXKlt8LrHyR1.2r1hOUTs2sKBgvEN1PwwXT2lE1KwhuySCNMe"
            })
    void namesTheFileAndTheLineThatIsWrong(String wrong) throws IOException {
        String file = file("# users", HTPASSWD, wrong);
        assertThatThrownBy(() -> Logins.of(file, ""))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("users.file = " + file + ": line 3: ")
                .hasMessageNotContaining("secret");
    }

    @Test
    void eachLoginIsInTheAuditTrailOnceAndNoPasswordIs() throws IOException {
        Logins logins = logins(HTPASSWD);
        List<AuditEvent> events = new CopyOnWriteArrayList<>();
        Consumer<AuditEvent> reader = event -> {
            if (event.details().get("user").startsWith("bob")) {
                events.add(event);
            }
        };
        AuditTrail.read(reader);
        try {
            judge(logins, "bob", "secret");
            judge(logins, "bob", "secret");
            judge(logins, "bob-2", "guess");
        } finally {
            AuditTrail.forget(reader);
        }
        assertThat(events).extracting(AuditEvent::kind).containsExactly("login/ACCEPTED", "login/REFUSED");
        assertThat(events.get(1).details())
                .containsEntry("user", "bob-2")
                .containsEntry("source", "192.0.2.1")
                .containsEntry("reason", "wrong user or password");
        assertThat(events.toString()).doesNotContain("guess", "=secret");
    }

    @Test
    void refusesAFileAndARealmTogether() throws IOException {
        String file = file(HTPASSWD);
        assertThatThrownBy(() -> Logins.of(file, "karaf"))
                .hasMessage("users.realm = karaf: cannot go with users.file; remove one of the two");
    }

    @Test
    void takesAsLongForAnUnknownUser() throws IOException {
        Logins logins = logins(bcrypt("ann", "secret", 11), bcrypt("bob", "secret", 4));
        judge(logins, "bob", "to warm up");
        long start = System.nanoTime();
        judge(logins, "ann", "wrong");
        long known = System.nanoTime() - start;
        judge(logins, "zoe", "wrong");
        long unknown = System.nanoTime() - start - known;
        assertThat(unknown).isGreaterThan(known / 4);
        judge(logins, "bob", "wrong");
        assertThat(System.nanoTime() - start - known - unknown).isGreaterThan(known / 4);
    }

    @Test
    void stopsGuessesAfterTenInAMinuteButNotWhoIsKnown() throws IOException {
        Logins logins = logins(bcrypt("ann", "secret", 4), bcrypt("bob", "secret", 4));
        assertThat(judge(logins, "ann", "secret")).isEqualTo(Outcome.RIGHT);
        for (int i = 0; i < 10; i++) {
            assertThat(judge(logins, "ann", "guess " + i)).isEqualTo(Outcome.WRONG);
        }
        assertThat(judge(logins, "ann", "guess")).isEqualTo(Outcome.TOO_MANY);
        assertThat(judge(logins, "bob", "secret")).isEqualTo(Outcome.TOO_MANY);
        assertThat(judge(logins, "ann", "secret")).isEqualTo(Outcome.RIGHT);
    }

    @Test
    void aMinuteLaterASourceMayGuessAgain() {
        AtomicLong now = new AtomicLong(-5);
        LoginLimiter counted = new LoginLimiter(now::get);
        for (int i = 0; i < 10; i++) {
            assertThat(counted.take("a")).isTrue();
        }
        assertThat(counted.take("a")).isFalse();
        assertThat(counted.take("b")).isTrue();
        now.addAndGet(TimeUnit.SECONDS.toNanos(60));
        assertThat(counted.take("a")).isTrue();
    }

    @Test
    void asksTheRealmOnceForALoginThatComesAgainAndAgain() {
        AtomicInteger asked = new AtomicInteger();
        Logins logins = new Logins(new Realm() {
            @Override
            public boolean accepts(String user, String password) {
                asked.incrementAndGet();
                return password.equals("secret");
            }

            @Override
            public long version() {
                return 0;
            }
        });
        for (int i = 0; i < 3; i++) {
            assertThat(judge(logins, "ann", "secret")).isEqualTo(Outcome.RIGHT);
            assertThat(judge(logins, "ann", "wrong")).isEqualTo(Outcome.WRONG);
        }
        assertThat(asked).hasValue(4);
    }

    @Test
    void readsTheFileAgainWhenItChangesAndKeepsTheOldUsersWhileItIsWrong() throws IOException {
        Logins logins = logins(bcrypt("ann", "secret", 4));
        assertThat(judge(logins, "ann", "secret")).isEqualTo(Outcome.RIGHT);

        file(bcrypt("ann", "secret", 4), "nonsense");
        await().until(() -> logins.problems().toString().contains("line 2: must be USER:HASH"));
        assertThat(judge(logins, "zoe", "wrong")).isEqualTo(Outcome.WRONG);
        assertThat(judge(logins, "ann", "secret")).isEqualTo(Outcome.RIGHT);

        file(bcrypt("bobby", "secret", 4));
        // Which is remembered until the file has been read again.
        await().until(() -> judge(logins, "ann", "secret") == Outcome.WRONG);
        assertThat(judge(logins, "bobby", "secret")).isEqualTo(Outcome.RIGHT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ann:$2b$13$Owx3mXKlt8LrHyR1.2r1hOUTs2sKBgvEN1PwwXT2lE1KwhuySCNMe",
                "ann:SCRAM-SHA-512$125001:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
            })
    void refusesAHashThatTakesTooLong(String slow) throws IOException {
        String file = file(HTPASSWD, slow);
        assertThatThrownBy(() -> Logins.of(file, ""))
                .hasMessageStartingWith("users.file = " + file + ": line 2: the hash takes about ")
                .hasMessageContaining("the limit is 250 ms");
    }

    @Test
    void hashesOfManyCostsTogetherStayWithinTheLimit() throws IOException {
        String slow = "$Owx3mXKlt8LrHyR1.2r1hOUTs2sKBgvEN1PwwXT2lE1KwhuySCNMe";
        assertThat(Logins.of(file("a:$2b$11" + slow, "b:$2b$11" + slow, "c:$2b$10" + slow), ""))
                .isPresent();
        String file = file("a:$2b$11" + slow, "b:$2b$12" + slow);
        assertThatThrownBy(() -> Logins.of(file, ""))
                .hasMessageContaining("line 2: the hash takes about 245 ms, with those above 368 ms");
    }

    @Test
    void anUnknownRealmLetsNobodyIn() {
        Logins logins = Logins.of("", "no-such-realm").orElseThrow();
        assertThat(judge(logins, "ann", "secret")).isEqualTo(Outcome.WRONG);
    }
}

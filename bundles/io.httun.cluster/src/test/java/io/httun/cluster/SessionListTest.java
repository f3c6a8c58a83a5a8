// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.status.SessionStatus;
import io.netty.buffer.ByteBuf;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SessionListTest {
    private static SessionStatus session(String text, long number) {
        return new SessionStatus(
                text, "server", text, 255, text, number, number, number, number, number, number, number);
    }

    @Test
    void theLongestListArrivesWhole() throws ForwardException {
        SessionList most = SessionList.of(Collections.nCopies(70_000, session("x".repeat(64), Long.MAX_VALUE)));
        ByteBuf bytes = most.encode();
        assertThat(bytes.readableBytes()).isLessThan(SessionList.MAX_BYTES);
        SessionList read = SessionList.read(bytes, 255);
        assertThat(read).isEqualTo(most);
        assertThat(read.total()).isEqualTo(70_000);
        assertThat(read.rows()).hasSize(SessionList.MAX_ROWS);
    }

    @Test
    void aRowBelongsToTheMemberThatWasAsked() throws ForwardException {
        ByteBuf bytes = SessionList.of(List.of(session("a\u001b[2J" + "x".repeat(100), 1)))
                .encode();
        SessionStatus row = SessionList.read(bytes, 7).rows().get(0);
        assertThat(row.node()).isEqualTo(7);
        assertThat(row.channel()).hasSize(64).startsWith("a?[2J");
    }

    @Test
    void anotherVersionAndTooManyRowsAreRefusedBySentence() {
        ByteBuf next = SessionList.of(List.of()).encode().setByte(0, 2);
        assertThatThrownBy(() -> SessionList.read(next, 1))
                .hasMessage("answers in version 2, expected 1: it is of another version of httun");
        ByteBuf many = SessionList.of(List.of()).encode().setInt(1, 65_535).setShort(5, 65_535);
        assertThatThrownBy(() -> SessionList.read(many, 1))
                .hasMessage("answers with 65535 of 65535 sessions, expected at most 2000");
    }

    @Test
    void anyDamageIsRefusedOrHarmless() {
        Random random = new Random(1);
        ByteBuf whole =
                SessionList.of(List.of(session("home", 1), session("away", 2))).encode();
        for (int i = 0; i < 20_000; i++) {
            ByteBuf damaged = whole.copy(0, random.nextInt(whole.readableBytes() + 1));
            if (damaged.isReadable()) {
                damaged.setByte(random.nextInt(damaged.readableBytes()), random.nextInt());
            }
            try {
                assertThat(SessionList.read(damaged, 1).rows()).hasSizeLessThanOrEqualTo(SessionList.MAX_ROWS);
            } catch (ForwardException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }
}

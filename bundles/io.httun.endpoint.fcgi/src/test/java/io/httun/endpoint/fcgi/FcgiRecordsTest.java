// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import static io.httun.endpoint.fcgi.FcgiClient.begin;
import static io.httun.endpoint.fcgi.FcgiClient.get;
import static io.httun.endpoint.fcgi.FcgiClient.pairs;
import static io.httun.endpoint.fcgi.FcgiClient.post;
import static io.httun.endpoint.fcgi.FcgiClient.record;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that a peer should not send, and the records of management. */
@Timeout(30)
class FcgiRecordsTest extends FcgiRig {
    @Test
    void aRequestCutIntoSingleBytesIsTheSame() throws IOException {
        try (FcgiClient client = connect()) {
            client.write(begin(1, 1, true));
            for (byte one : pairs(post("/7/w/01", 3))) {
                client.write(record(4, 1, new byte[] {one}, 255));
            }
            client.write(record(4, 1, NOTHING, 9));
            for (byte part : record(5, 1, "abc".getBytes(US_ASCII), 5)) {
                client.write(new byte[] {part});
            }
            client.write(record(5, 1, NOTHING, 0));
            assertThat(client.answer(1).body()).isEqualTo("/7/w/01");
            assertThat(requests.get(0).body().toString(US_ASCII)).isEqualTo("abc");
        }
    }

    @Test
    void tellsItsLimits() throws IOException {
        start("connections.max", "77", "requests.max", "99");
        try (FcgiClient client = connect()) {
            byte[] asked = pairs(
                    Map.of("FCGI_MAX_CONNS", "", "FCGI_MAX_REQS", "", "FCGI_MPXS_CONNS", "", "FCGI_WHATEVER", "x"));
            FcgiClient.Received result = client.write(record(9, 0, asked, 4)).read();
            assertThat(result.type()).isEqualTo(10);
            assertThat(result.id()).isZero();
            Map<String, String> values = new HashMap<>();
            NameValues.read(Unpooled.wrappedBuffer(result.content()), values::put);
            assertThat(values)
                    .containsOnly(
                            Map.entry("FCGI_MAX_CONNS", "77"),
                            Map.entry("FCGI_MAX_REQS", "99"),
                            Map.entry("FCGI_MPXS_CONNS", "1"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 12, 255})
    void anUnknownManagementRecordIsAnsweredSo(int type) throws IOException {
        try (FcgiClient client = connect()) {
            FcgiClient.Received answer =
                    client.write(record(type, 0, new byte[70], 2)).read();
            assertThat(answer.type()).isEqualTo(11);
            assertThat(answer.content()[0]).isEqualTo((byte) type);
            assertThat(client.request(1, true, get("/1"), NOTHING).answer(1).body())
                    .isEqualTo("/1");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3, 77})
    void otherRolesAreRefused(int role) throws IOException {
        try (FcgiClient client = connect()) {
            client.write(begin(1, role, true), record(4, 1, pairs(get("/1")), 0), record(5, 1, NOTHING, 0));
            FcgiClient.Answer answer = client.answer(1);
            assertThat(answer.protocolStatus()).isEqualTo(3);
            assertThat(client.request(1, true, get("/again"), NOTHING).answer(1).body())
                    .isEqualTo("/again");
            assertThat(requests).hasSize(1);
        }
    }

    @Test
    void recordsOfUnknownRequestsAndASecondBeginAreIgnored() throws IOException {
        try (FcgiClient client = connect()) {
            client.request(1, true, get("/wait/1"), NOTHING);
            client.write(
                    record(5, 2, new byte[9], 0),
                    record(4, 2, new byte[9], 0),
                    record(2, 2, NOTHING, 0),
                    record(12, 2, new byte[3], 0),
                    record(8, 1, new byte[3], 0),
                    record(6, 0, new byte[3], 0),
                    begin(1, 1, false));
            assertThat(client.request(3, true, get("/3"), NOTHING).answer(3).body())
                    .isEqualTo("/3");
            waiting.get(0).complete(frame("unharmed"));
            assertThat(client.answer(1).body()).isEqualTo("unharmed");
        }
    }

    @Test
    void anAbortEndsThatRequestOnly() throws IOException {
        try (FcgiClient client = connect()) {
            client.request(1, true, get("/wait/1"), NOTHING).request(2, true, get("/wait/2"), NOTHING);
            client.write(begin(3, 1, true), record(4, 3, pairs(post("/3", 99)), 0));
            await().until(() -> waiting.size() == 2);
            assertThat(client.write(record(2, 1, NOTHING, 0)).answer(1).head()).isEmpty();
            assertThat(waiting.get(0)).isCancelled();
            assertThat(client.write(record(2, 3, NOTHING, 0)).answer(3).head()).isEmpty();
            waiting.get(1).complete(frame("here"));
            assertThat(client.answer(2).body()).isEqualTo("here");
            assertThat(waitingRequests()).isZero();
        }
    }

    @Test
    void anotherVersionClosesTheConnection() throws IOException {
        try (FcgiClient client = connect();
                FcgiClient other = client()) {
            other.request(1, true, get("/wait/1"), NOTHING);
            client.write("GET /httun/7/r/1 HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
            assertThat(client.isAtEnd()).isTrue();
            await().until(() -> waiting.size() == 1);
            waiting.get(0).complete(frame("unharmed"));
            assertThat(other.answer(1).body()).isEqualTo("unharmed");
        }
    }

    @Test
    void oversizeAndMalformedParametersFailTheirRequestOnly() throws IOException {
        try (FcgiClient client = connect()) {
            client.write(begin(1, 1, true));
            for (int i = 0; i < 3; i++) {
                client.write(record(4, 1, new byte[30_000], 0));
            }
            client.write(record(4, 1, NOTHING, 0), record(5, 1, NOTHING, 0));
            assertThat(client.answer(1).status()).startsWith("431");
            byte[] longName = {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 1, 'a', 'b'};
            client.write(begin(1, 1, true), record(4, 1, longName, 0));
            client.write(record(4, 1, NOTHING, 0), record(5, 1, NOTHING, 0));
            assertThat(client.answer(1).status()).isEqualTo("400 Bad Request");
            assertThat(client.request(1, true, get("/1"), NOTHING).answer(1).body())
                    .isEqualTo("/1");
            assertThat(requests).hasSize(1);
        }
    }
}

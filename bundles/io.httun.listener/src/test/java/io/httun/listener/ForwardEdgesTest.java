// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests of old, odd and hostile clients, byte by byte. */
class ForwardEdgesTest extends ForwardEdgesRig {
    @Test
    void bytesOfPathsAndHeadersStayAsTheyAre() throws IOException {
        RawWeb web =
                new RawWeb(rig, "HTTP/1.1 200 Gr\u00fc\u00df\r\nX-Name: \u00c3\u00bc\r\nContent-Length: 2\r\n\r\nok");
        String reply = talk("GET " + web.url("/\u00c3\u00bc?\u00fc")
                + " HTTP/1.1\r\nHost: x\r\nX-A: \u00fc\r\nConnection: close\r\n\r\n");
        assertThat(web.heads.get(0))
                .startsWith("GET /\u00c3\u00bc?\u00fc HTTP/1.1\r\n")
                .contains("X-A: \u00fc\r\n");
        assertThat(reply).contains("X-Name: \u00c3\u00bc\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Connection", "Proxy-Connection"})
    void keepsTheConnectionOfAClientOfHttp10WhereItAsks(String header) throws IOException {
        RawWeb web = new RawWeb(rig, OK);
        String request = "GET " + web.url("/") + " HTTP/1.0\r\n" + header + ": Keep-Alive\r\n\r\n";
        String last = "GET " + web.url("/") + " HTTP/1.0\r\n\r\n";
        String replies = talk(request + request + last);
        assertThat(replies.split(header + ": Keep-Alive\r\n", -1)).hasSize(3);
        assertThat(replies).endsWith("ok").contains("Connection: close", "Content-Length: 2\r\n");
        assertThat(web.heads).hasSize(3).allMatch(head -> head.startsWith("GET / HTTP/1.1\r\nHost: 127.0.0.1:"));
    }

    @Test
    void abKeepsItsConnections() throws IOException {
        RealPrograms.need("ab");
        RawWeb web = new RawWeb(rig, OK);
        RealPrograms.Result result = RealPrograms.run(
                "ab",
                "-k",
                "-q",
                "-s",
                "10",
                "-n",
                "20",
                "-c",
                "2",
                "-X",
                "127.0.0.1:" + ListenerRig.portOf(listener),
                web.url("/"));
        assertThat(result.ok().output())
                .containsPattern("Failed requests: +0\n")
                .containsPattern("Keep-Alive requests: +20\n");
        assertThat(listener.status().accepted()).isLessThanOrEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET URL HTTP/9.9$Host: x$$|505",
                "GET URL HTTP/1.1$$|400",
                "GET URL HTTP/1.1$Host: x$Host: y$$|400",
                "GET URL HTTP/1.1$Host : x$$|400",
                "GET URL HTTP/1.1$Host: x$: y$$|400",
                "GET URL HTTP/1.1$Host: x$Content-Length: +2$$ok|400",
                "GET URL HTTP/1.1$Host: x$Content-Length: 2$Content-Length: 3$$ok|400",
                "GET URL HTTP/1.1$Host: x$Transfer-Encoding: gzip, chunked$$|501",
                "GET URL HTTP/1.1$Host: x$Transfer-Encoding: chunked$Transfer-Encoding: chunked$$|501",
                "GET URL HTTP/1.1$Host: x$Transfer-Encoding: gzip$$|501",
                "GET URL HTTP/1.1$Host: x$Transfer-Encoding: xchunked$Content-Length: 2$$ok|501",
                "POST http://127.0.0.1:25/ HTTP/1.1$Host: x$Content-Length: 2$$ok|403"
            })
    void refusesWhatCannotBeServed(String request, int status) throws IOException {
        RawWeb web = new RawWeb(rig, OK);
        assertThat(talk(request.replace("$", "\r\n").replace("URL", web.url("/"))))
                .startsWith("HTTP/1.1 " + status);
        assertThat(web.heads).isEmpty();
    }

    @Test
    void refusesTooLongRequestLines() throws IOException {
        RawWeb web = new RawWeb(rig, OK);
        assertThat(talk(get(web).replace("/ HTTP", "/" + "a".repeat(9 << 10) + " HTTP")))
                .startsWith("HTTP/1.1 414");
        assertThat(talk(get(web).replace("/ HTTP", "/" + "a".repeat(7 << 10) + " HTTP")))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void answersWhatIsForThisProxyByMaxForwards() throws IOException {
        RawWeb web = new RawWeb(rig, OK);
        assertThat(talk(get(web, "Max-Forwards: 0").replace("GET", "OPTIONS")))
                .startsWith("HTTP/1.1 200")
                .contains("allow: CONNECT, GET");
        assertThat(talk(get(web, "Max-Forwards: 0", "Cookie: a=b", "X: 1").replace("GET", "TRACE")))
                .startsWith("HTTP/1.1 200")
                .contains("message/http", "X: 1")
                .doesNotContain("a=b");
        assertThat(web.heads).isEmpty();
        assertThat(talk(get(web, "Max-Forwards: 2").replace("GET", "TRACE"))).endsWith("ok");
        assertThat(web.heads.get(0)).contains("Max-Forwards: 1\r\n");
        assertThat(talk(get(web, "Max-Forwards: 0"))).endsWith("ok");
    }

    @Test
    void framesAndRoutesByWhatWasParsed() throws IOException {
        RawWeb web = new RawWeb(rig, OK);
        String connection = "Connection: close, content-length, transfer-encoding, host, x-hop, cookie";
        talk("POST " + web.url("/a") + " HTTP/1.1\r\nHost: other\r\nX-Hop: 1\r\nCookie: c\r\nContent-Length: 2, 2\r\n"
                + connection + "\r\n\r\nhi");
        assertThat(web.heads.get(0))
                .startsWith("POST /a HTTP/1.1\r\nHost: 127.0.0.1:" + web.port() + "\r\n")
                .contains("Content-Length: 2\r\n", "Cookie: c\r\n")
                .doesNotContain("X-Hop", "2, 2");
        talk("POST " + web.url("/b") + " HTTP/1.1\r\nHost: other\r\nContent-Length: 9\r\nTransfer-Encoding: Chunked\r\n"
                + connection + "\r\n\r\n2\r\nhi\r\n0\r\n\r\nGET /smuggled");
        await().until(() -> web.heads.size() >= 2);
        assertThat(web.heads.get(1))
                .contains("Transfer-Encoding: chunked\r\n")
                .doesNotContainIgnoringCase("content-length");
    }

    @Test
    void closesAfterARequestThatCouldBeReadInTwoWays() throws IOException {
        RawWeb web = new RawWeb(rig, OK);
        String request = "POST " + web.url("/")
                + " HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
        assertThat(talk(request + get(web))).contains("Connection: close").endsWith("ok");
        assertThat(web.heads).filteredOn(head -> head.contains("HTTP/1.1")).hasSize(1);
    }

    @Test
    void acceptsWhatSquidAndTinyproxyAccept() throws IOException {
        RawWeb web = new RawWeb(rig, OK);
        String host = "127.0.0.1:" + web.port();
        assertThat(talk("GET http://ann:secret@" + host + "/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                .endsWith("ok");
        assertThat(talk("GET http://" + host + "/ HTTP/1.1\nHost: x\nConnection: close\n\n"))
                .endsWith("ok");
        assertThat(talk("GET http://" + host
                        + "/ HTTP/1.1\r\nHost: x\r\nX-Folded: a\r\n b\r\nConnection: close\r\n\r\n"))
                .endsWith("ok");
        assertThat(talk("BREW http://" + host + "/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                .endsWith("ok");
        assertThat(talk("GET HTTP://" + host + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                .endsWith("ok");
        assertThat(web.heads).hasSize(5).allMatch(head -> head.contains("Host: " + host + "\r\n"));
        assertThat(web.heads.get(2)).contains("X-Folded: a b\r\n");
    }

    /** Squid and tinyproxy accept each of these. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET URL#part HTTP/1.1$Host: x$",
                "GET  URL  HTTP/1.1$Host: x$",
                "$GET URL HTTP/1.1$Host: x$",
                "GET URL http/1.1$Host: x$",
                "GET URL HTTP/1.2$Host: x$",
                "get URL HTTP/1.1$Host: x$",
                "GET URL HTTP/1.1$Host: x$Host: x$",
                "GET URLa|b\"<>{}\\ HTTP/1.1$Host: x$",
                "GET URL HTTP/1.1$Host: x$X_a: 1$",
                "POST URL HTTP/1.1$Host: x$Content-Length: 0$Content-Length: 0$"
            })
    void acceptsOddRequestLinesAsSquidAndTinyproxyDo(String request) throws IOException {
        RawWeb web = new RawWeb(rig, OK);
        String text = request.replace("$", "\r\n").replace("URL", web.url("/"));
        assertThat(talk(text + "Connection: close\r\n\r\n")).startsWith("HTTP/1.1 200");
        assertThat(web.heads).hasSize(1);
        assertThat(web.heads.get(0))
                .matches("(?s)(GET|get|POST) /[^ ]* HTTP/1.1\r\nHost: 127.*")
                .doesNotContain("#");
    }

    @Test
    void passesOnManyAndLargeHeaders() throws IOException {
        RawWeb web = new RawWeb(rig, OK);
        String[] headers = new String[500];
        for (int i = 0; i < headers.length; i++) {
            headers[i] = "X-" + i + ": " + "y".repeat(80);
        }
        assertThat(talk(get(web, headers))).startsWith("HTTP/1.1 200");
        assertThat(web.heads.get(0)).contains(headers[0], headers[499]);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;

/** A fault of a connected target before its reply, as reported to the client. */
enum TargetFault {
    NO_REPLY("the target closed the connection without a reply", "connection_terminated"),
    RESET("the target reset the connection before its reply", "connection_terminated"),
    CUT("the target closed the connection in the middle of its reply's head", "http_response_incomplete"),
    NO_HTTP("the target's reply is not HTTP/1", "http_protocol_error"),
    LARGE_HEAD(
            "the head of the target's reply has more than " + HttpCodecs.MAX_REPLY_HEAD + " bytes",
            "http_response_header_section_size"),
    CODING("the target's reply has a transfer coding other than chunked", "http_response_transfer_coding"),
    UPGRADE("the target switched protocols without a request", "http_upgrade_failed"),
    SILENT("the target's reply timed out", "http_response_timeout");

    private final String text;
    private final String error;

    TargetFault(String text, String error) {
        this.text = text;
        this.error = error;
    }

    /** The fault of a head that could not be decoded. */
    static TargetFault of(HttpMessage head) {
        Throwable failure = head.decoderResult().cause();
        if (!HttpFraming.of(head).isKnown()) {
            return CODING;
        } else if (failure instanceof TooLongHttpHeaderException || failure instanceof TooLongHttpLineException) {
            return LARGE_HEAD;
        }
        return failure instanceof PrematureChannelClosureException ? CUT : NO_HTTP;
    }

    String text() {
        return text;
    }

    /** The error type of RFC 9209 section 2.3. */
    String error() {
        return error;
    }

    HttpResponseStatus status() {
        return this == SILENT ? HttpResponseStatus.GATEWAY_TIMEOUT : HttpResponseStatus.BAD_GATEWAY;
    }
}

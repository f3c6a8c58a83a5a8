// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

/** Faults of a peer; each is one kind of line for the log limiter. */
enum PeerFault {
    NOT_FASTCGI("connection closed"),
    PEER("connection from an address that peers does not allow"),
    CONNECTIONS("connection beyond connections.max"),
    REQUESTS("request beyond requests.max or the memory for parameters and bodies"),
    ROLE("request for another role than responder"),
    PARAMETERS("request with parameters that are malformed or too large"),
    STRAY("record that belongs to no request"),
    SLOW("request incomplete after its time limit");

    private final String text;

    PeerFault(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}

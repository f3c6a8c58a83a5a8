// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tunnel;

/**
 * Stands for one HTTP (or FastCGI) connection. An endpoint makes one per connection and hands it in with every request
 * of that connection; the server keeps in it which session was seen there last. Only a hint: nothing breaks when an
 * endpoint has to make a new one.
 */
public final class Carrier {
    private final String peer;
    private volatile Object attachment;

    /** A connection whose other end is not known. */
    public Carrier() {
        this("");
    }

    /** @param peer address of the other end, for logs that are configured to name it; empty where it is not known */
    public Carrier(String peer) {
        this.peer = peer;
    }

    /** Address of the other end; empty where it is not known. */
    public String peer() {
        return peer;
    }

    /** What the server left here; null at first. Only the server knows its type. */
    public Object attachment() {
        return attachment;
    }

    /** Whether a client has proved on this connection that it knows the secret of its channel. Any thread. */
    public boolean isAuthenticated() {
        return attachment != null;
    }

    /** Only for the server and for what forwards to one, and only once a frame of the client has been opened. */
    public void attach(Object value) {
        attachment = value;
    }
}

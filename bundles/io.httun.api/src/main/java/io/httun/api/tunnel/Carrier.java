// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tunnel;

/**
 * Stands for one HTTP (or FastCGI) connection. An endpoint makes one per connection and hands it in with every request
 * of that connection; the server keeps in it which session was seen there last. Only a hint: nothing breaks when an
 * endpoint has to make a new one.
 */
public final class Carrier {
    private volatile Object attachment;

    /** What the server left here; null at first. Only the server knows its type. */
    public Object attachment() {
        return attachment;
    }

    public void attach(Object value) {
        attachment = value;
    }
}

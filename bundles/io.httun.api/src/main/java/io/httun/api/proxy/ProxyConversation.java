// SPDX-License-Identifier: Apache-2.0
package io.httun.api.proxy;

import java.util.List;

/**
 * What is said about authentication on one connection to an HTTP proxy (RFC 9110 section 11.7). Belongs to that connection, because some
 * schemes authenticate the connection rather than the request; used by one thread at a time.
 */
public interface ProxyConversation {
    /**
     * The value of {@code Proxy-Authorization} for the next request on this connection. Each value is good for one request.
     *
     * @param method of that request
     * @param uri as in its request line
     * @return empty where the request is to carry none
     */
    String authorization(String method, String uri);

    /**
     * Whether the next request may be taken for good. Otherwise it will only be challenged, so that a small one should go before a large
     * one, whose body the proxy might answer by closing the connection.
     */
    boolean isReady();

    /**
     * Takes note of a reply with status 407.
     *
     * @param challenges the values of its {@code Proxy-Authenticate} headers
     * @return whether the same request is worth another try: on this connection where the proxy keeps it open, otherwise on a new one
     */
    boolean challenged(List<String> challenges);

    /** Why {@link #challenged} said no, for a message: names the proxy and what to configure, never a credential. */
    String refusal();
}

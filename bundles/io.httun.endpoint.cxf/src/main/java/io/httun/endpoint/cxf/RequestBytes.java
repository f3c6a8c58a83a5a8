// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.cxf;

import io.httun.api.tunnel.TunnelReply;
import io.netty.buffer.ByteBuf;
import javax.servlet.ServletRequest;

/** The outcome of reading a request's body, before JAX-RS sees the request; an attribute of the request. */
sealed interface RequestBytes {
    String ATTRIBUTE = "io.httun.endpoint.cxf.bytes";

    /** The whole body, on the heap; ownership passes to the resource. */
    record Whole(ByteBuf bytes) implements RequestBytes {}

    /** The body was too large or too slow; this is the answer. */
    record Refused(TunnelReply reply) implements RequestBytes {}

    default void attachTo(ServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    static boolean isAttachedTo(ServletRequest request) {
        return request.getAttribute(ATTRIBUTE) != null;
    }

    static RequestBytes of(ServletRequest request) {
        return (RequestBytes) request.getAttribute(ATTRIBUTE);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.cxf;

import io.httun.api.tunnel.TunnelReply;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import javax.ws.rs.container.ContainerRequestContext;
import javax.ws.rs.container.ContainerRequestFilter;
import javax.ws.rs.container.PreMatching;
import javax.ws.rs.core.HttpHeaders;
import javax.ws.rs.core.MediaType;
import javax.ws.rs.core.Response;
import javax.ws.rs.ext.ExceptionMapper;

/**
 * Answers what JAX-RS would refuse by itself (methods, media types, malformed headers) like every other refusal before
 * authentication.
 */
@PreMatching
final class Uniform implements ContainerRequestFilter, ExceptionMapper<Exception> {
    private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "DELETE");

    @Override
    public void filter(ContainerRequestContext request) throws IOException {
        if (!METHODS.contains(request.getMethod())) {
            request.abortWith(toResponse(TunnelReply.refused()).build());
        }
        // Negotiation has nothing to decide here, and could only fail in its own way.
        request.getHeaders().putSingle(HttpHeaders.ACCEPT, MediaType.WILDCARD);
        request.getHeaders().putSingle(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_OCTET_STREAM);
    }

    @Override
    public Response toResponse(Exception e) {
        return toResponse(TunnelReply.refused()).build();
    }

    static Response.ResponseBuilder toResponse(TunnelReply reply) {
        Response.ResponseBuilder response = Response.status(reply.status());
        for (Map.Entry<String, String> header : reply.headers()) {
            response.header(header.getKey(), header.getValue());
        }
        return response.header(HttpHeaders.CONTENT_LENGTH, reply.body().readableBytes());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

/**
 * The payload of a request on {@code r}.
 *
 * @param received the reader at the client has read every byte below this offset
 * @param most requests on {@code r} that the client has in flight at most while there is data, 1 to {@link
 *     PipeLimits#MAX_EXCHANGES}
 * @param losses numbers of requests on {@code r} that failed; not copied
 */
public record PipeAsk(long received, int most, long[] losses) {}

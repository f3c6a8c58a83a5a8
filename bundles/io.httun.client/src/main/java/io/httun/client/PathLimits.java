// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.tunnel.PathReport;
import io.httun.protocol.FrameBody;

/**
 * Limits of a path according to a probe.
 *
 * @param parallel requests at a time; {@link #MANY} for no known limit
 * @param body largest body of a request, in bytes; {@link FrameBody#MAX_BATCH} for no known limit
 * @param keepAlive whether a connection carries more than one request
 */
record PathLimits(int parallel, int body, boolean keepAlive) {
    /** A probe tries no more requests at a time. */
    static final int MANY = PathMeasurement.MEETING;

    static final PathLimits NONE = new PathLimits(MANY, FrameBody.MAX_BATCH, true);

    /** As a probe finds them while the client's own requests take a few places. */
    PathLimits withOwnRequests() {
        return new PathLimits(Math.min(MANY, parallel + LearntPath.LEAST_CONNECTIONS), body, keepAlive);
    }

    /** @param report of a path that works; what was not measured is no limit */
    static PathLimits of(PathReport report) {
        return new PathLimits(
                report.parallel() > 0 ? report.parallel() : MANY,
                report.largestRequest() > 0 ? report.largestRequest() : FrameBody.MAX_BATCH,
                report.keptRequests() != 1);
    }
}

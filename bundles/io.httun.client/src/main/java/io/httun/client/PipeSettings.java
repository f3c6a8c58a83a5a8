// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

/**
 * How pipes use the way to the server.
 *
 * @param enabled whether connections share pipes where the server can, too
 * @param connections most HTTP connections of one pipe, at least 2
 * @param resumeMillis for how long a pipe outlives the server's silence
 */
record PipeSettings(boolean enabled, int connections, long resumeMillis) {
    static final PipeSettings DEFAULT = new PipeSettings(true, 32, 600_000);
}

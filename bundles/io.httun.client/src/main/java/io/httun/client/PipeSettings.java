// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

/**
 * The use of pipes.
 *
 * @param enabled whether connections share pipes if the server supports them
 * @param connections maximum number of HTTP connections of one pipe, at least 2
 * @param resumeMillis silence of the server after which a pipe ends
 */
record PipeSettings(boolean enabled, int connections, long resumeMillis) {
    static final PipeSettings DEFAULT = new PipeSettings(true, 32, 600_000);
}

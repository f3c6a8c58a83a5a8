// SPDX-License-Identifier: Apache-2.0
package io.httun.audit;

import io.httun.toolkit.audit.AuditEvent;

/** Gets the events that are logged, after the limit of their rate. Must not block. */
interface AuditSink {
    void accept(AuditEvent event);
}

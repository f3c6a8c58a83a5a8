// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.audit;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Something that an audit has to know.
 *
 * @param kind fixed words, {@code login/REFUSED}; {@code io/httun/} before it is the topic of the OSGi event
 * @param details by name, in order. Never a secret; a value can be what a stranger has sent
 */
public record AuditEvent(String kind, Map<String, String> details) {
    public AuditEvent {
        details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
    }

    /** @param details names and values in turn */
    public static AuditEvent of(String kind, String... details) {
        Map<String, String> all = new LinkedHashMap<>();
        for (int i = 0; i < details.length; i += 2) {
            all.put(details[i], details[i + 1]);
        }
        return new AuditEvent(kind, all);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import io.httun.api.status.HealthSource;
import io.httun.api.status.Problem;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** Every refused configuration, and every watched file that is broken or gone: no part has to report its own. */
@Component
public final class RefusedFiles implements HealthSource {
    @Override
    public List<Problem> problems() {
        return WatchedFiles.allProblems();
    }
}

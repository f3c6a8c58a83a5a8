// SPDX-License-Identifier: Apache-2.0
package io.httun.itests.second;

import io.httun.api.target.Decision;
import io.httun.api.target.Target;
import io.httun.api.target.TargetFilter;
import java.util.Hashtable;
import java.util.Map;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** A bundle of its own with a filter of the name "targets" that goes before the configured one, and denies everything. */
public final class SecondFilter implements BundleActivator, TargetFilter {
    static final String REASON = "the second filter denies everything";

    @Override
    public void start(BundleContext context) {
        context.registerService(
                TargetFilter.class, this, new Hashtable<>(Map.of(NAME, "targets", "service.ranking", 1000)));
    }

    /** The framework takes the service away. */
    @Override
    public void stop(BundleContext context) {}

    @Override
    public Decision decide(Target target) {
        return Decision.deny(REASON);
    }

    @Override
    public boolean needsAddresses() {
        return false;
    }
}

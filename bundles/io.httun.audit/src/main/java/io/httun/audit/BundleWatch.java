// SPDX-License-Identifier: Apache-2.0
package io.httun.audit;

import io.httun.toolkit.audit.AuditEvent;
import io.httun.toolkit.audit.AuditTrail;
import java.util.HashSet;
import java.util.Set;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.Constants;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/** Tells when our bundles are swapped: stopped, updated, started again or uninstalled while Karaf runs. */
@Component(
        immediate = true,
        service = {})
public final class BundleWatch implements SynchronousBundleListener {
    private static final String OURS = "io.httun.";

    private final BundleContext context;
    /** Those that were stopped or updated: the start of the others belongs to the start of Karaf, or of a feature. */
    private final Set<Long> swapped = new HashSet<>();

    @Activate
    public BundleWatch(BundleContext context) {
        this.context = context;
    }

    @Activate
    void start() {
        context.addBundleListener(this);
    }

    @Deactivate
    void stop() {
        context.removeBundleListener(this);
    }

    @Override
    public synchronized void bundleChanged(BundleEvent event) {
        Bundle bundle = event.getBundle();
        if (bundle.getSymbolicName() == null
                || !bundle.getSymbolicName().startsWith(OURS)
                || context.getBundle(Constants.SYSTEM_BUNDLE_ID).getState() != Bundle.ACTIVE) {
            return;
        }
        switch (event.getType()) {
            case BundleEvent.STOPPED -> publish("bundle/STOPPED", bundle, swapped.add(bundle.getBundleId()));
            case BundleEvent.UPDATED -> publish("bundle/UPDATED", bundle, true);
            case BundleEvent.UNINSTALLED -> publish("bundle/UNINSTALLED", bundle, true);
            case BundleEvent.STARTED -> publish("bundle/STARTED", bundle, swapped.remove(bundle.getBundleId()));
            default -> {
                // On the way to one of these.
            }
        }
    }

    private static void publish(String kind, Bundle bundle, boolean wanted) {
        if (wanted) {
            AuditTrail.publish(AuditEvent.of(
                    kind,
                    "bundle",
                    bundle.getSymbolicName(),
                    "version",
                    bundle.getVersion().toString(),
                    "user",
                    Actor.current()));
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import io.httun.toolkit.jdk.DaemonClock;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts a part whose configuration was refused, once the configuration or a file that it names has changed. DS does not: a component whose
 * activation has failed is registered as one that is activated when somebody asks for its service, and a changed configuration only changes
 * the service's properties, even where the component is immediate.
 */
@Component(immediate = true)
public final class CorrectedParts implements ConfigurationListener {
    private static final Logger LOG = LoggerFactory.getLogger(CorrectedParts.class);
    private static final String OURS = "io.httun.";

    /** DS hears of a new configuration at the same time. */
    private static final long SOON_MILLIS = 500;

    private static final long PAUSE_MILLIS = 5000;

    private final BundleContext context;
    private final ServiceComponentRuntime runtime;
    private final ScheduledExecutorService clock = DaemonClock.named("httun-corrected");
    /** With what each failed component was tried last, by its number. */
    private Map<Long, String> tried = Map.of();

    @Activate
    public CorrectedParts(BundleContext context, @Reference ServiceComponentRuntime runtime) {
        this.context = context;
        this.runtime = runtime;
        clock.scheduleWithFixedDelay(this::look, PAUSE_MILLIS, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Deactivate
    void stop() {
        clock.shutdownNow();
    }

    @Override
    public void configurationEvent(ConfigurationEvent event) {
        if (event.getType() == ConfigurationEvent.CM_UPDATED && event.getPid().startsWith(OURS)) {
            clock.schedule(this::look, SOON_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void look() {
        try {
            Map<Long, String> failed = new HashMap<>();
            failed().forEach(part -> {
                String state = state(part.properties);
                failed.put(part.id, state);
                if (!state.equals(tried.get(part.id))) {
                    start(part);
                }
            });
            tried = failed;
        } catch (RuntimeException e) {
            LOG.error("Refused parts cannot be looked at", e);
        }
    }

    private Stream<ComponentConfigurationDTO> failed() {
        Bundle[] ours = Stream.of(context.getBundles())
                .filter(bundle -> String.valueOf(bundle.getSymbolicName()).startsWith(OURS))
                .toArray(Bundle[]::new);
        return runtime.getComponentDescriptionDTOs(ours).stream()
                .filter(description -> description.immediate)
                .flatMap(description -> runtime.getComponentConfigurationDTOs(description).stream())
                .filter(part -> part.state == ComponentConfigurationDTO.FAILED_ACTIVATION && part.service != null);
    }

    /** The properties, and what the files are that they may name. */
    private static String state(Map<String, Object> properties) {
        StringBuilder state = new StringBuilder();
        new TreeMap<>(properties).forEach((key, value) -> {
            state.append(key).append('=').append(Arrays.deepToString(new Object[] {value}));
            if (value instanceof String text && text.contains("/")) {
                try {
                    state.append(FileStamp.of(Path.of(text)));
                } catch (InvalidPathException e) {
                    // It names no file.
                }
            }
            state.append('\n');
        });
        return state.toString();
    }

    private void start(ComponentConfigurationDTO part) {
        try {
            ServiceReference<?>[] found = context.getAllServiceReferences(null, "(service.id=" + part.service.id + ")");
            if (found != null && context.getService(found[0]) != null) {
                context.ungetService(found[0]);
                LOG.info("{} works now: its configuration was corrected", part.properties.get("service.pid"));
            }
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("the filter is a number", e);
        }
    }
}

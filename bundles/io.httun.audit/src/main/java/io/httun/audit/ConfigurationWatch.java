// SPDX-License-Identifier: Apache-2.0
package io.httun.audit;

import io.httun.toolkit.audit.AuditEvent;
import io.httun.toolkit.audit.AuditTrail;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.jdk.Sha256;
import java.io.IOException;
import java.lang.reflect.Array;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.SynchronousConfigurationListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells which properties of our configurations change, and by whom; never their values, of which only salted hashes are kept. Synchronous:
 * the thread of the change knows its user.
 */
@Component
public final class ConfigurationWatch implements SynchronousConfigurationListener {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigurationWatch.class);
    private static final String OURS = "io.httun.";
    private static final List<String> FRAMEWORK = List.of("service.", "felix.", "component.", "org.apache.karaf.");

    private final ConfigurationAdmin admin;
    private final byte[] salt = new byte[16];
    private final Map<String, Map<String, String>> known = new HashMap<>();

    @Activate
    public ConfigurationWatch(@Reference ConfigurationAdmin admin) throws IOException, InvalidSyntaxException {
        this.admin = admin;
        new SecureRandom().nextBytes(salt);
        Configuration[] all = admin.listConfigurations("(service.pid=" + OURS + "*)");
        for (Configuration one : all == null ? new Configuration[0] : all) {
            known.put(one.getPid(), hashes(one.getProperties()));
        }
    }

    @Override
    public synchronized void configurationEvent(ConfigurationEvent event) {
        String pid = event.getPid();
        if (!pid.startsWith(OURS)) {
            return;
        } else if (event.getType() == ConfigurationEvent.CM_DELETED) {
            if (known.remove(pid) != null) {
                publish("configuration/DELETED", pid, Set.of(), "");
            }
            return;
        } else if (event.getType() != ConfigurationEvent.CM_UPDATED) {
            return;
        }
        try {
            Configuration[] found = admin.listConfigurations("(service.pid=" + pid + ")");
            if (found != null && found.length > 0) {
                updated(pid, found[0].getProperties());
            }
        } catch (IOException | InvalidSyntaxException | IllegalStateException e) {
            LOG.warn("Cannot write the change of {} to the audit trail: {}", pid, e.toString());
        }
    }

    private void updated(String pid, Dictionary<String, Object> properties) {
        Map<String, String> now = hashes(properties);
        Map<String, String> before = known.put(pid, now);
        Set<String> changed = new TreeSet<>(now.keySet());
        if (before != null) {
            changed.addAll(before.keySet());
            changed.removeIf(name -> now.containsKey(name) && now.get(name).equals(before.get(name)));
            if (changed.isEmpty()) {
                return;
            }
        }
        Object file = properties.get("felix.fileinstall.filename");
        String source = file == null ? "" : StrictConfig.source(Map.of("felix.fileinstall.filename", file));
        publish(before == null ? "configuration/CREATED" : "configuration/CHANGED", pid, changed, source);
    }

    private static void publish(String kind, String pid, Set<String> names, String file) {
        AuditTrail.publish(AuditEvent.of(
                kind, "pid", pid, "properties", String.join(", ", names), "user", Actor.current(), "file", file));
    }

    private Map<String, String> hashes(Dictionary<String, Object> properties) {
        Map<String, String> hashes = new TreeMap<>();
        if (properties != null) {
            for (String name : Collections.list(properties.keys())) {
                if (FRAMEWORK.stream().noneMatch(name::startsWith)) {
                    hashes.put(name, hash(text(properties.get(name))));
                }
            }
        }
        return hashes;
    }

    private static String text(Object value) {
        return value.getClass().isArray()
                ? IntStream.range(0, Array.getLength(value))
                        .mapToObj(i -> String.valueOf(Array.get(value, i)))
                        .collect(Collectors.joining(","))
                : value.toString();
    }

    private String hash(String text) {
        return Sha256.hex(salt, text.getBytes(StandardCharsets.UTF_8));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.toolkit.audit.AuditEvent;
import io.httun.toolkit.audit.AuditTrail;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;

class ConfigurationWatchTest {
    private static final String PID = "io.httun.channel~home";

    private final List<AuditEvent> events = new ArrayList<>();
    private final Consumer<AuditEvent> reader = events::add;
    private final Map<String, Dictionary<String, Object>> configurations = new HashMap<>();
    private ConfigurationWatch watch;

    @BeforeEach
    void start() throws Exception {
        AuditTrail.read(reader);
        configurations.put(PID, new Hashtable<>(Map.of("name", "home", "secret", "first")));
        watch = new ConfigurationWatch(admin());
    }

    @AfterEach
    void stop() {
        AuditTrail.forget(reader);
    }

    private ConfigurationAdmin admin() {
        return proxy(ConfigurationAdmin.class, (name, arguments) -> configurations.entrySet().stream()
                .filter(entry -> arguments[0].toString().contains("*")
                        || arguments[0].toString().contains('=' + entry.getKey() + ')'))
                .map(entry -> proxy(
                        Configuration.class,
                        (getter, none) -> getter.equals("getPid") ? entry.getKey() : entry.getValue()))
                .toArray(Configuration[]::new));
    }

    private interface Answer {
        Object to(String method, Object[] arguments);
    }

    private static <T> T proxy(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> answer.to(method.getName(), arguments)));
    }

    private void update(int type, String pid) {
        ServiceReference<ConfigurationAdmin> none = reference();
        watch.configurationEvent(new ConfigurationEvent(none, type, null, pid));
    }

    @SuppressWarnings("unchecked")
    private static ServiceReference<ConfigurationAdmin> reference() {
        return proxy(ServiceReference.class, (name, arguments) -> null);
    }

    @Test
    void aChangeIsToldOnceWithItsPropertiesAndWithoutTheirValues() {
        configurations.put(
                PID,
                new Hashtable<>(Map.of(
                        "name",
                        "home",
                        "secret",
                        "second-secret",
                        "filters",
                        new String[] {"a", "b"},
                        "felix.fileinstall.filename",
                        "file:/etc/io.httun.channel-home.cfg")));
        update(ConfigurationEvent.CM_UPDATED, PID);
        update(ConfigurationEvent.CM_UPDATED, PID);
        assertThat(events)
                .containsExactly(AuditEvent.of(
                        "configuration/CHANGED",
                        "pid",
                        PID,
                        "properties",
                        "filters, secret",
                        "user",
                        "",
                        "file",
                        "io.httun.channel-home.cfg"));
        assertThat(events.toString()).doesNotContain("second-secret", "first");
    }

    @Test
    void newAndDeletedConfigurationsAreToldAndOthersAreNot() {
        configurations.put("io.httun.channel~new", new Hashtable<>(Map.of("id", "5")));
        update(ConfigurationEvent.CM_UPDATED, "io.httun.channel~new");
        configurations.remove(PID);
        update(ConfigurationEvent.CM_DELETED, PID);
        update(ConfigurationEvent.CM_DELETED, PID);
        update(ConfigurationEvent.CM_UPDATED, "org.ops4j.pax.web");
        assertThat(events)
                .extracting(AuditEvent::kind)
                .containsExactly("configuration/CREATED", "configuration/DELETED");
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClientComponentTest {
    private final Fixture fixture = new Fixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    private static Map<String, Object> properties() {
        Map<String, Object> properties = new HashMap<>();
        properties.put("service.pid", "io.httun.client~home");
        properties.put("name", "home");
        properties.put("urls", new String[] {"http://127.0.0.1:1"});
        properties.put("secret", Fixture.SECRET);
        properties.put("id", 3);
        return properties;
    }

    @Test
    void aWrongConfigurationLeavesTheOldOneRunning() {
        ClientComponent component = new ClientComponent(fixture, fixture, properties());
        Map<String, Object> changed = properties();
        changed.put("id", -1);
        component.modified(changed);
        assertThat(component.channels().get(0).id()).isEqualTo(3);
        changed.put("id", 4);
        component.modified(changed);
        assertThat(component.channels().get(0).id()).isEqualTo(4);
        assertThat(component.channels().get(0).side()).isEqualTo("client");
        assertThat(component.channels().get(0).state()).isEqualTo("idle");
        component.stop();
    }

    @Test
    void aWrongConfigurationIsRefusedAtTheStart() {
        Map<String, Object> wrong = properties();
        wrong.put("urls", "host");
        assertThatThrownBy(() -> new ClientComponent(fixture, fixture, wrong))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("io.httun.client~home: urls = host: must be http://");
    }
}

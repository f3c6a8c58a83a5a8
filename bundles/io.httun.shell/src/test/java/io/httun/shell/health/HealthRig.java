// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.status.HealthReport;
import io.httun.api.target.TargetConnector;
import io.httun.api.target.TargetFilter;
import io.httun.shell.FakeServices;
import io.httun.toolkit.status.Services;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.metatype.AttributeDefinition;
import org.osgi.service.metatype.MetaTypeInformation;
import org.osgi.service.metatype.MetaTypeService;
import org.osgi.service.metatype.ObjectClassDefinition;

/** A healthy process, to which a test adds one fault. */
abstract class HealthRig {
    static final String CHANNEL = "io.httun.channel";
    static final String SOCKS = "io.httun.listener.socks";
    static final String CIPHER = FrameCipher.class.getName();
    static final String CONNECTOR = TargetConnector.class.getName();

    @TempDir
    Path etc;

    final FakeServices services = new FakeServices();
    final List<ComponentDescriptionDTO> descriptions = new ArrayList<>();
    final List<ComponentConfigurationDTO> components = new ArrayList<>();
    final List<Configuration> configurations = new ArrayList<>();

    @BeforeEach
    void well() {
        add(FrameCipher.class, Map.of());
        add(KeyAgreement.class, Map.of());
        add(TargetFilter.class, Map.of("name", "default"));
        services.bundle("io.httun.filter", Bundle.ACTIVE);
        services.bundle("io.httun.server", Bundle.ACTIVE);
        services.add(
                ConfigurationAdmin.class,
                FakeServices.proxy(
                        ConfigurationAdmin.class, (method, args) -> configurations.toArray(Configuration[]::new)));
        services.add(
                ServiceComponentRuntime.class,
                FakeServices.proxy(
                        ServiceComponentRuntime.class,
                        (method, args) -> method.equals("getComponentDescriptionDTOs")
                                ? descriptions
                                : components.stream()
                                        .filter(each -> each.description == args[0])
                                        .toList()));
        services.add(MetaTypeService.class, FakeServices.proxy(MetaTypeService.class, (method, args) -> metatype()));
        described(CHANNEL);
        configured(CHANNEL, "home");
    }

    <T> void add(Class<T> type, Map<String, ?> properties) {
        services.add(type, FakeServices.proxy(type, (method, args) -> null), properties);
    }

    /** Metatype of the server's bundle: a channel has the filter named default. */
    static MetaTypeInformation metatype() {
        AttributeDefinition filters = FakeServices.proxy(
                AttributeDefinition.class,
                (method, args) -> method.equals("getID") ? "filters" : new String[] {"default"});
        ObjectClassDefinition type =
                FakeServices.proxy(ObjectClassDefinition.class, (method, args) -> new AttributeDefinition[] {filters});
        return FakeServices.proxy(MetaTypeInformation.class, (method, args) -> switch (method) {
            case "getFactoryPids" -> new String[] {CHANNEL};
            case "getPids" -> new String[0];
            default -> type;
        });
    }

    ComponentDescriptionDTO described(String pid, ReferenceDTO... references) {
        ComponentDescriptionDTO description = new ComponentDescriptionDTO();
        description.name = pid;
        description.configurationPid = new String[] {pid};
        description.references = references;
        description.serviceInterfaces = new String[] {pid + ".Service"};
        descriptions.add(description);
        return description;
    }

    void configured(String factory, String name, String... properties) {
        String pid = name.isEmpty() ? factory : factory + "~" + name;
        Hashtable<String, Object> all = new Hashtable<>();
        all.put("felix.fileinstall.filename", "file:/etc/" + pid + ".cfg");
        for (int i = 0; i < properties.length; i += 2) {
            all.put(properties[i], properties[i + 1]);
        }
        configurations.add(FakeServices.proxy(Configuration.class, (method, args) -> switch (method) {
            case "getPid" -> pid;
            case "getFactoryPid" -> name.isEmpty() ? null : factory;
            case "getProperties" -> all;
            default -> throw new UnsupportedOperationException(method);
        }));
    }

    List<String> problems() {
        return report().problems().stream()
                .map(each -> each.part() + ": " + each.what() + " -> " + each.remedy())
                .toList();
    }

    HealthReport report() {
        return HealthReport.of(new Health(new Services(services.context()), etc));
    }
}

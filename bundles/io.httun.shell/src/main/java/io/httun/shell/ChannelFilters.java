// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.toolkit.status.Services;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Dictionary;
import java.util.List;
import java.util.stream.Stream;
import org.apache.karaf.shell.support.CommandException;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/** The names of the filters that a server channel is configured with. */
final class ChannelFilters {
    /** The filters of a channel without configured filters. */
    static final List<String> UNCONFIGURED = List.of("default");

    private static final String CHANNELS = "(service.factoryPid=io.httun.channel)";
    private static final String ANY_TARGET = "none";

    private ChannelFilters() {}

    static List<String> of(Services services, String channel) throws CommandException {
        ConfigurationAdmin admin = services.first(ConfigurationAdmin.class)
                .orElseThrow(
                        () -> new CommandException("No ConfigurationAdmin service is available to look up channels"));
        for (Configuration configuration : configurations(admin)) {
            Dictionary<String, Object> properties = configuration.getProperties();
            if (channel.equals(properties.get("name"))) {
                return names(properties.get("filters"));
            }
        }
        throw new CommandException(
                "No channel named " + channel + " is configured on this server; see httun:channel-list");
    }

    private static Configuration[] configurations(ConfigurationAdmin admin) throws CommandException {
        try {
            Configuration[] found = admin.listConfigurations(CHANNELS);
            return found == null ? new Configuration[0] : found;
        } catch (IOException | InvalidSyntaxException e) {
            throw new CommandException("Cannot read the configurations of channels: " + e.getMessage(), e);
        }
    }

    private static List<String> names(Object value) {
        if (value == null) {
            return UNCONFIGURED;
        }
        List<String> names = elements(value)
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
        return names.equals(List.of(ANY_TARGET)) ? List.of() : names;
    }

    private static Stream<String> elements(Object value) {
        if (value instanceof Collection<?> list) {
            return list.stream().map(Object::toString);
        }
        return Arrays.stream(
                value instanceof String[] array ? array : value.toString().split(","));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.access;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.AtomicFile;
import io.httun.toolkit.status.Services;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Dictionary;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * The configurations of one kind of part, and their files. A change goes to the file first, in one step, and to ConfigurationAdmin
 * at once: Felix File Install would take up to two seconds to find it.
 */
public final class Configurations {
    private static final String FILE = "felix.fileinstall.filename";

    private final ConfigurationAdmin admin;
    private final String filter;
    private final String part;

    private Configurations(Services services, String filter, String part) {
        this.admin = services.first(ConfigurationAdmin.class)
                .orElseThrow(() -> new ConfigException("There is no ConfigurationAdmin service: start its bundle"));
        this.filter = filter;
        this.part = part;
    }

    /** Those of a factory PID. */
    public static Configurations ofFactory(Services services, String pid, String part) {
        return new Configurations(services, "(service.factoryPid=" + pid + ")", part);
    }

    /** The channels of the server. */
    public static Configurations ofChannels(Services services) {
        return ofFactory(services, "io.httun.channel", "channel");
    }

    /** A property of a configuration that is there once; empty if it is not set. */
    public static String single(Services services, String pid, String key) {
        return new Configurations(services, "(service.pid=" + pid + ")", pid)
                .all()
                .map(each -> value(each, key))
                .findFirst()
                .orElse("");
    }

    public Stream<Configuration> all() {
        try {
            return Stream.ofNullable(admin.listConfigurations(filter)).flatMap(Arrays::stream);
        } catch (IOException | InvalidSyntaxException e) {
            throw new ConfigException("The configurations of " + part + "s cannot be read: " + e.getMessage());
        }
    }

    public Optional<Configuration> find(String name) {
        return all().filter(each -> value(each, "name").equals(name)).findFirst();
    }

    /** @throws ConfigException with the names that there are */
    public Configuration get(String name) {
        return find(name).orElseThrow(() -> {
            List<String> names = all().map(each -> value(each, "name")).sorted().toList();
            return new ConfigException(UnknownName.message(part, CfgText.printable(name), names));
        });
    }

    /** Empty if it is not set. */
    public static String value(Configuration configuration, String key) {
        Dictionary<String, Object> properties = configuration.getProperties();
        Object value = properties == null ? null : properties.get(key);
        if (value instanceof Object[] array) {
            return String.join(", ", Arrays.stream(array).map(Object::toString).toList());
        }
        return value == null ? "" : value.toString().strip();
    }

    /** The file that it came from; empty if it came from none. */
    public static Optional<Path> file(Configuration configuration) {
        String name = value(configuration, FILE);
        if (name.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(name.startsWith("file:") ? Path.of(URI.create(name)) : Path.of(name))
                .filter(Files::isRegularFile);
    }

    /** @throws ConfigException if it cannot be written; nothing has been changed then */
    public void set(Configuration configuration, String key, String value) {
        Optional<Path> file = file(configuration);
        try {
            if (file.isPresent()) {
                AtomicFile.replace(file.get(), CfgText.with(Files.readString(file.get()), key, value));
            }
            Dictionary<String, Object> properties = configuration.getProperties();
            properties.put(key, value);
            configuration.update(properties);
        } catch (IOException e) {
            throw new ConfigException(file.map(Path::toString).orElse(configuration.getPid()) + " cannot be changed ("
                    + e.getClass().getSimpleName() + ": " + e.getMessage()
                    + "): check its permissions and the room on the disk");
        }
    }

    /** Ends the part and deletes its file. */
    public void delete(Configuration configuration) {
        Optional<Path> file = file(configuration);
        try {
            if (file.isPresent()) {
                Files.delete(file.get());
            }
            configuration.delete();
        } catch (IOException e) {
            throw new ConfigException(file.map(Path::toString).orElse(configuration.getPid()) + " cannot be deleted ("
                    + e.getClass().getSimpleName() + ": " + e.getMessage() + "): check its permissions");
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import io.httun.api.config.ConfigException;
import java.io.File;
import java.lang.annotation.Annotation;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a ConfigAdmin configuration against its Metatype annotation type, all or nothing: a property that the type does
 * not have, or a value that does not convert, refuses the whole configuration with a {@link ConfigException} that names
 * the file. Defaults are those of the annotation type, so that Metatype and code cannot disagree. A property with
 * {@link RenamedFrom} is also read under its old name, with a warning.
 *
 * <p>Property names follow the OSGi component property type mapping (compendium section 112.8.2.1).
 */
public final class StrictConfig {
    private static final Logger LOG = LoggerFactory.getLogger(StrictConfig.class);
    private static final String FILE_NAME = "felix.fileinstall.filename";
    private static final Set<String> FRAMEWORK_PREFIXES =
            Set.of("service.", "component.", "felix.", "osgi.", "config.");

    private StrictConfig() {}

    /**
     * Converts {@code properties} to {@code type} and on to an immutable settings record.
     *
     * @param type the annotation type that the component is designated with
     * @param properties as handed to the component; entries of the framework are skipped
     * @param settings makes the settings record; a {@link ConfigException} from it gets the file's name in front
     * @throws ConfigException if anything is wrong; nothing has been changed then
     */
    public static <A extends Annotation, S> S read(
            Class<A> type, Map<String, ?> properties, Function<? super A, ? extends S> settings) {
        return naming(properties, () -> settings.apply(convert(type, properties)));
    }

    /** Puts the file's name before the message of a {@link ConfigException}. */
    public static <T> T naming(Map<String, ?> properties, Supplier<T> use) {
        try {
            return use.get();
        } catch (ConfigException e) {
            throw new ConfigException(source(properties) + ": " + e.getMessage());
        }
    }

    /** The file a configuration came from, or its PID where it came from no file. */
    public static String source(Map<String, ?> properties) {
        Object file = properties.get(FILE_NAME);
        if (file == null) {
            return String.valueOf(properties.get("service.pid"));
        }
        String name = file.toString();
        return new File(name.startsWith("file:") ? URI.create(name).getPath() : name).getName();
    }

    private static <A extends Annotation> A convert(Class<A> type, Map<String, ?> given) {
        Map<String, Method> attributes = new TreeMap<>();
        for (Method method : type.getDeclaredMethods()) {
            attributes.put(propertyName(method.getName()), method);
        }
        Map<String, ?> properties = withNewNames(attributes, given);
        for (Map.Entry<String, ?> entry : properties.entrySet()) {
            String name = entry.getKey();
            if (!attributes.containsKey(name) && !isFrameworks(name)) {
                throw new ConfigException(
                        name,
                        entry.getValue(),
                        "no such property; known are " + String.join(", ", attributes.keySet()));
            }
        }
        Map<String, Object> values = new LinkedHashMap<>();
        attributes.forEach((name, method) -> {
            Object raw = properties.get(name);
            Object value = raw == null ? method.getDefaultValue() : convert(name, raw, method.getReturnType());
            if (value == null) {
                throw new ConfigException(name + ": is required and not set");
            }
            values.put(method.getName(), value);
        });
        Object proxy = Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, args) -> switch (method.getName()) {
                    case "annotationType" -> type;
                    case "toString" -> type.getSimpleName();
                    case "hashCode" -> System.identityHashCode(self);
                    case "equals" -> self == args[0];
                    default -> values.get(method.getName());
                });
        return type.cast(proxy);
    }

    /** Gives properties that still have the name of the version before their new one. */
    private static Map<String, ?> withNewNames(Map<String, Method> attributes, Map<String, ?> given) {
        Map<String, Object> renamed = new LinkedHashMap<>(given);
        attributes.forEach((name, method) -> {
            RenamedFrom before = method.getAnnotation(RenamedFrom.class);
            if (before == null || !given.containsKey(before.value())) {
                return;
            } else if (given.containsKey(name)) {
                throw new ConfigException(before.value() + " is now called " + name
                        + ", and both are set: delete the line of " + before.value());
            }
            renamed.put(name, renamed.remove(before.value()));
            LOG.warn(
                    "{}: {} is now called {}; rename it, the next version does not read the old name",
                    source(given),
                    before.value(),
                    name);
        });
        return renamed;
    }

    private static boolean isFrameworks(String name) {
        return name.startsWith(".")
                || name.endsWith(".target")
                || name.equals("objectClass")
                || FRAMEWORK_PREFIXES.stream().anyMatch(name::startsWith);
    }

    static String propertyName(String method) {
        return method.replace("__", "\0")
                .replace('_', '.')
                .replace('\0', '_')
                .replace("$.$", "-")
                .replace("$", "");
    }

    private static Object convert(String name, Object raw, Class<?> type) {
        if (type.isArray()) {
            List<?> elements = elements(raw);
            Object array = Array.newInstance(type.getComponentType(), elements.size());
            for (int i = 0; i < elements.size(); i++) {
                Array.set(array, i, scalar(name, elements.get(i), type.getComponentType()));
            }
            return array;
        }
        return scalar(name, raw, type);
    }

    private static List<?> elements(Object raw) {
        if (raw instanceof Collection<?> collection) {
            return new ArrayList<>(collection);
        }
        if (raw instanceof Object[] array) {
            return Arrays.asList(array);
        }
        return Arrays.stream(raw.toString().split(","))
                .map(String::strip)
                .filter(element -> !element.isEmpty())
                .toList();
    }

    private static Object scalar(String name, Object raw, Class<?> type) {
        String text = raw.toString().strip();
        try {
            if (type == String.class) {
                return text;
            } else if (type == int.class) {
                return Integer.parseInt(text);
            } else if (type == long.class) {
                return Long.parseLong(text);
            } else if (type == double.class) {
                return Double.parseDouble(text);
            } else if (type == boolean.class && (text.equals("true") || text.equals("false"))) {
                return Boolean.parseBoolean(text);
            }
        } catch (NumberFormatException e) {
            throw new ConfigException(name, raw, "must be a number");
        }
        if (type == boolean.class) {
            throw new ConfigException(name, raw, "must be true or false");
        }
        throw new IllegalArgumentException(name + " has the unsupported type " + type.getName());
    }

    /**
     * Checks a number's range.
     *
     * @return {@code value}
     * @throws ConfigException naming the property and both bounds
     */
    public static long range(String property, long value, long low, long high) {
        if (value < low || value > high) {
            throw new ConfigException(property, value, "must be " + low + " to " + high);
        }
        return value;
    }

    /** As {@link #range(String, long, long, long)}. */
    public static int range(String property, int value, int low, int high) {
        return (int) range(property, (long) value, low, high);
    }
}

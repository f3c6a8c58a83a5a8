// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.httun.toolkit.status.Json;
import java.lang.reflect.RecordComponent;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenDataException;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;

/** How a record looks through JMX: as an MXBean would show it, which Java 17 does not do with records. */
final class OpenRecord {
    private static final Map<Class<?>, OpenType<?>> TYPES = Map.of(
            int.class, SimpleType.INTEGER,
            long.class, SimpleType.LONG,
            boolean.class, SimpleType.BOOLEAN,
            String.class, SimpleType.STRING);

    private OpenRecord() {}

    static OpenType<?> type(RecordComponent component) {
        OpenType<?> type = TYPES.get(component.getType());
        if (type == null) {
            throw new IllegalArgumentException(component + " has a type that JMX does not show");
        }
        return type;
    }

    /** {@code bytesIn} is the attribute {@code BytesIn}. */
    static String attribute(String component) {
        return component.substring(0, 1).toUpperCase(Locale.ROOT) + component.substring(1);
    }

    static CompositeType composite(Class<? extends Record> type) {
        RecordComponent[] components = type.getRecordComponents();
        String[] names = Stream.of(components).map(RecordComponent::getName).toArray(String[]::new);
        OpenType<?>[] types = Stream.of(components).map(OpenRecord::type).toArray(OpenType<?>[]::new);
        try {
            return new CompositeType(type.getName(), type.getSimpleName(), names, names, types);
        } catch (OpenDataException e) {
            throw new IllegalArgumentException(type.getName(), e);
        }
    }

    static CompositeData composite(CompositeType type, Record row) {
        try {
            return new CompositeDataSupport(type, Json.components(row));
        } catch (OpenDataException e) {
            throw new IllegalArgumentException(type.getTypeName(), e);
        }
    }
}

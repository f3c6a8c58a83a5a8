// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import javax.management.openmbean.ArrayType;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenDataException;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;

/** All records of a kind that comes and goes, as one attribute. */
final class TableBean extends AttributeBean {
    private static final String COUNT = "Count";
    private static final String ROWS = "Rows";

    private final CompositeType type;
    private final Supplier<? extends List<? extends Record>> rows;

    TableBean(Class<? extends Record> type, Supplier<? extends List<? extends Record>> rows) {
        super(
                "All " + type.getSimpleName() + " of io.httun.api.status",
                attribute(COUNT, "How many there are", SimpleType.INTEGER),
                attribute(ROWS, "All of them", array(type)));
        this.type = OpenRecord.composite(type);
        this.rows = rows;
    }

    private static OpenType<?> array(Class<? extends Record> type) {
        try {
            return new ArrayType<CompositeData[]>(1, OpenRecord.composite(type));
        } catch (OpenDataException e) {
            throw new IllegalArgumentException(type.getName(), e);
        }
    }

    @Override
    Map<String, Object> values() {
        CompositeData[] all =
                rows.get().stream().map(row -> OpenRecord.composite(type, row)).toArray(CompositeData[]::new);
        return Map.of(COUNT, all.length, ROWS, all);
    }
}

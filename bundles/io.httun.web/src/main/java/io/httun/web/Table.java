// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A kind of rows: the components of a record, and more columns where there are any.
 *
 * @param <R> the record
 */
final class Table<R extends Record> {
    private final Function<Sample, List<R>> source;
    private final List<Method> accessors;
    private final List<String> columns;
    private final BiFunction<Sample, R, List<Object>> more;

    Table(Class<R> type, Function<Sample, List<R>> source) {
        this(type, source, List.of(), (sample, row) -> List.of());
    }

    Table(
            Class<R> type,
            Function<Sample, List<R>> source,
            List<String> moreColumns,
            BiFunction<Sample, R, List<Object>> more) {
        this.source = source;
        this.more = more;
        List<RecordComponent> components = List.of(type.getRecordComponents());
        accessors = components.stream().map(RecordComponent::getAccessor).toList();
        accessors.forEach(accessor -> accessor.setAccessible(true));
        columns = Stream.concat(components.stream().map(RecordComponent::getName), moreColumns.stream())
                .toList();
    }

    List<String> columns() {
        return columns;
    }

    /** All rows, each with a value for every column. */
    List<List<Object>> rows(Sample sample) {
        List<R> records = source.apply(sample);
        List<List<Object>> rows = new ArrayList<>(records.size());
        for (R one : records) {
            List<Object> row = new ArrayList<>(columns.size());
            accessors.forEach(accessor -> row.add(value(accessor, one)));
            row.addAll(more.apply(sample, one));
            rows.add(row);
        }
        return rows;
    }

    private static Object value(Method accessor, Record row) {
        try {
            return accessor.invoke(row);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + accessor, e);
        }
    }
}

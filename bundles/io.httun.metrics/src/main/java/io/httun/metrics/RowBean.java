// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.httun.toolkit.status.Json;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.openmbean.OpenMBeanAttributeInfoSupport;

/** One record of the model, read when it is asked for: an attribute for each component. */
final class RowBean extends AttributeBean {
    private final Supplier<? extends Optional<? extends Record>> row;

    RowBean(Class<? extends Record> type, Supplier<? extends Optional<? extends Record>> row) {
        super(
                type.getSimpleName() + " of io.httun.api.status",
                Stream.of(type.getRecordComponents())
                        .map(component -> attribute(
                                OpenRecord.attribute(component.getName()),
                                component.getName(),
                                OpenRecord.type(component)))
                        .toArray(OpenMBeanAttributeInfoSupport[]::new));
        this.row = row;
    }

    @Override
    Map<String, Object> values() {
        return row.get().map(Json::components).orElse(Map.of()).entrySet().stream()
                .collect(Collectors.toMap(each -> OpenRecord.attribute(each.getKey()), Map.Entry::getValue));
    }
}

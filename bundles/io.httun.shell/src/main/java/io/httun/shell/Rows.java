// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.toolkit.status.Json;
import java.io.PrintStream;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;
import org.apache.karaf.shell.support.table.Col;
import org.apache.karaf.shell.support.table.ShellTable;

/** Prints records as a table or as JSON, with a column or field for each component. */
final class Rows {
    private Rows() {}

    static <R extends Record> void table(PrintStream out, Class<R> type, List<R> rows) {
        ShellTable table = new ShellTable().emptyTableText("(none)");
        for (RecordComponent component : type.getRecordComponents()) {
            Col column = table.column(heading(component.getName()));
            if (component.getType().isPrimitive()) {
                column.alignRight();
            }
        }
        for (R row : rows) {
            table.addRow()
                    .addContent(Json.components(row).values().stream()
                            .map(Rows::cell)
                            .toArray());
        }
        table.print(out);
    }

    static void json(PrintStream out, List<? extends Record> rows) {
        out.println(rows.stream()
                .map(Json::write)
                .reduce((a, b) -> a + ",\n " + b)
                .map(all -> "[" + all + "]")
                .orElse("[]"));
    }

    /** {@code bytesToTarget} becomes {@code Bytes to target}. */
    static String heading(String component) {
        String words = component.replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT);
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }

    static String cell(Object value) {
        return String.valueOf(value).replaceAll("\\p{Cntrl}", "?");
    }
}

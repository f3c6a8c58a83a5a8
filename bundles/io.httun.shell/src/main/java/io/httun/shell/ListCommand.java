// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import java.util.List;
import org.apache.karaf.shell.api.action.Option;

/** Lists one kind of records. */
abstract class ListCommand<R extends Record> extends HttunCommand {
    @Option(name = "--json", description = "Print JSON, with a field for each column")
    boolean json;

    private final Class<R> type;

    ListCommand(Class<R> type) {
        this.type = type;
    }

    abstract List<R> rows();

    @Override
    void run() throws Exception {
        if (json) {
            Rows.json(out, rows());
        } else {
            Rows.table(out, type, rows());
        }
    }
}

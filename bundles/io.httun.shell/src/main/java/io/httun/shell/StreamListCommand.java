// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.StatusSource;
import io.httun.api.status.StreamStatus;
import java.util.Comparator;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "stream-list",
        description = "Lists the streams in the pipes between our own ends")
public final class StreamListCommand extends ListCommand<StreamStatus> {
    public StreamListCommand() {
        super(StreamStatus.class);
    }

    @Override
    List<StreamStatus> rows() {
        return services().status(StatusSource::streams).stream()
                .sorted(Comparator.comparing(StreamStatus::pipe))
                .toList();
    }
}

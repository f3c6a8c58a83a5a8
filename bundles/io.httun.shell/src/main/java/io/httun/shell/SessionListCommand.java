// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.SessionStatus;
import io.httun.api.status.StatusSource;
import java.util.Comparator;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(scope = HttunCommand.SCOPE, name = "session-list", description = "Lists the sessions of all channels")
public final class SessionListCommand extends ListCommand<SessionStatus> {
    public SessionListCommand() {
        super(SessionStatus.class);
    }

    @Override
    List<SessionStatus> rows() {
        return services().status(StatusSource::sessions).stream()
                .sorted(Comparator.comparing(SessionStatus::channel))
                .toList();
    }
}

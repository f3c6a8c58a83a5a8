// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.StatusSource;
import io.httun.api.status.TunStatus;
import java.util.Comparator;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(scope = HttunCommand.SCOPE, name = "tun-list", description = "Lists the TUN devices with their traffic")
public final class TunListCommand extends ListCommand<TunStatus> {
    public TunListCommand() {
        super(TunStatus.class);
    }

    @Override
    List<TunStatus> rows() {
        return services().status(StatusSource::tuns).stream()
                .sorted(Comparator.comparing(TunStatus::name))
                .toList();
    }
}

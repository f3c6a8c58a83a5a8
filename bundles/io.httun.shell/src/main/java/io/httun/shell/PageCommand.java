// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.LivePage;
import io.httun.shell.health.EndpointUrls;
import io.httun.toolkit.status.Services;
import java.util.Optional;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "page",
        description = "Prints a link to the live page that logs in once, as an administrator, within ten minutes")
public final class PageCommand extends HttunCommand {
    @Override
    void run() throws CommandException {
        out.println(link(services())
                .orElseThrow(() -> new CommandException(
                        "There is no live page, or Karaf's web server does not listen: feature:install httun-web, and"
                                + " see httun:health")));
    }

    /** The link; empty without a page or web server. Each call makes another token. */
    static Optional<String> link(Services services) {
        return EndpointUrls.webServer(services)
                .findFirst()
                .map(base -> base.replace("//0.0.0.0", "//127.0.0.1"))
                .flatMap(base -> services.first(LivePage.class).map(page -> base + page.invitation()));
    }
}

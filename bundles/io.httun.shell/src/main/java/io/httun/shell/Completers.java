// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.ChannelStatus;
import io.httun.api.status.ConnectionStatus;
import io.httun.api.status.SessionStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.target.TargetFilter;
import io.httun.api.tunnel.ChannelTester;
import io.httun.api.tunnel.PathProber;
import io.httun.toolkit.status.Services;
import java.util.List;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.CommandLine;
import org.apache.karaf.shell.api.console.Completer;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.completers.StringsCompleter;
import org.osgi.framework.BundleContext;

/** Complete names of channels, filters and other services. */
final class Completers {
    private Completers() {}

    abstract static class Names implements Completer {
        @Reference
        BundleContext context;

        abstract List<String> names(Services services);

        @Override
        public final int complete(Session session, CommandLine line, List<String> candidates) {
            return new StringsCompleter(names(new Services(context))).complete(session, line, candidates);
        }
    }

    /** Channels that this Karaf serves. */
    @Service
    public static final class ServerChannels extends Names {
        @Override
        List<String> names(Services services) {
            return services.status(StatusSource::channels).stream()
                    .filter(channel -> channel.side().equals(Side.SERVER))
                    .map(ChannelStatus::name)
                    .toList();
        }
    }

    /** Client channels that can be tested. */
    @Service
    public static final class Testers extends Names {
        @Override
        List<String> names(Services services) {
            return services.names(ChannelTester.class);
        }
    }

    /** Client channels whose path can be probed. */
    @Service
    public static final class Probers extends Names {
        @Override
        List<String> names(Services services) {
            return services.names(PathProber.class);
        }
    }

    @Service
    public static final class Sessions extends Names {
        @Override
        List<String> names(Services services) {
            return Stream.of(services.status(StatusSource::sessions), services.status(StatusSource::nodeSessions))
                    .flatMap(List::stream)
                    .map(SessionStatus::id)
                    .toList();
        }
    }

    @Service
    public static final class Connections extends Names {
        @Override
        List<String> names(Services services) {
            return services.status(StatusSource::connections).stream()
                    .map(ConnectionStatus::id)
                    .toList();
        }
    }

    @Service
    public static final class Filters extends Names {
        @Override
        List<String> names(Services services) {
            return services.names(TargetFilter.class);
        }
    }
}

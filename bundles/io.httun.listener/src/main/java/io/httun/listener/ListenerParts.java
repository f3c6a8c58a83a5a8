// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.listen.OwnListeners;
import io.httun.api.relay.RelayEngine;
import io.httun.api.target.TargetAdmission;
import io.httun.api.tunnel.EventLoops;
import io.httun.toolkit.login.LoginThreads;
import java.util.concurrent.ThreadLocalRandom;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** The services that all listeners of this process share. */
@Component(service = ListenerParts.class)
public final class ListenerParts {
    private final EventLoops loops;
    private final RelayEngine engine;
    private final TargetAdmission admission;
    private final LoginThreads logins = new LoginThreads();
    private final OwnListeners sockets;
    private final String pseudonym =
            "httun-" + Integer.toHexString(ThreadLocalRandom.current().nextInt());

    @Activate
    public ListenerParts(
            @Reference EventLoops loops,
            @Reference RelayEngine engine,
            @Reference TargetAdmission admission,
            @Reference OwnListeners sockets) {
        this.sockets = sockets;
        this.loops = loops;
        this.engine = engine;
        this.admission = admission;
    }

    @Deactivate
    void stop() {
        logins.stop();
    }

    EventLoops loops() {
        return loops;
    }

    RelayEngine engine() {
        return engine;
    }

    TargetAdmission admission() {
        return admission;
    }

    LoginThreads logins() {
        return logins;
    }

    /** The listening sockets of all bundles. */
    OwnListeners sockets() {
        return sockets;
    }

    /** The name of this process in {@code Via}. */
    String pseudonym() {
        return pseudonym;
    }
}

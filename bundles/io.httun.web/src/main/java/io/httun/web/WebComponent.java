// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import io.httun.api.cluster.ClusterMembers;
import io.httun.api.status.HealthChecks;
import io.httun.api.status.HealthReport;
import io.httun.api.status.HealthSource;
import io.httun.api.status.LivePage;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSource;
import io.httun.api.tunnel.ServerDrain;
import io.httun.toolkit.config.LiveSettings;
import io.httun.toolkit.login.JaasRealm;
import io.httun.toolkit.login.LoginLimiter;
import io.httun.toolkit.status.Services;
import io.httun.toolkit.web.PublishedServlet;
import java.util.List;
import java.util.Map;
import javax.servlet.Servlet;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** The live page of this process. */
@Component(
        immediate = true,
        service = {LivePage.class, HealthSource.class},
        configurationPid = WebComponent.PID,
        configurationPolicy = ConfigurationPolicy.OPTIONAL)
@Designate(ocd = WebConfig.class)
public final class WebComponent implements LivePage, HealthSource {
    static final String PID = "io.httun.web";

    private final LiveSettings<WebSettings> configured;
    private final PageSessions sessions;
    private final OneTimeTokens tokens = new OneTimeTokens(System::nanoTime);
    private final Observer observer;
    private final PublishedServlet<Servlet> servlet;

    /** @throws io.httun.api.config.ConfigException if the configuration is wrong */
    @Activate
    public WebComponent(BundleContext context, @Reference HealthChecks checks, Map<String, Object> properties) {
        Services services = new Services(context);
        configured = new LiveSettings<>(now -> "the live page", WebSettings::read, properties);
        observer = new Observer(services::snapshot, () -> HealthReport.of(checks), System::nanoTime);
        sessions = new PageSessions(
                System::nanoTime, new PageRights(configured::get, new KarafUsers(services), System::nanoTime));
        PageLogin login = new PageLogin(
                configured::get,
                (user, password) -> new JaasRealm(configured.get().realm()).roles(user, password),
                sessions,
                tokens,
                new LoginLimiter());
        OtherNodes nodes = new OtherNodes(() -> services.all(ClusterMembers.class), System::nanoTime);
        servlet = new PublishedServlet<>(
                context,
                "httun live page",
                Servlet.class,
                new PageServlet(
                        configured::get,
                        sessions,
                        login,
                        new PageActions(
                                () -> services.all(StatusSource.class),
                                () -> services.all(ServerDrain.class),
                                nodes,
                                PageActions.Checker.of(services)),
                        new PageStatus(observer, nodes)));
    }

    @Activate
    void start() {
        configured.start(this::publish);
        publish(configured.get());
        observer.start();
    }

    private void publish(WebSettings settings) {
        // Rights may have changed.
        sessions.clear();
        servlet.at(settings.access().isOff() ? "" : settings.path());
    }

    @Modified
    void modified(Map<String, Object> properties) {
        configured.update(properties);
    }

    @Deactivate
    void stop() {
        configured.close();
        servlet.at("");
        observer.close();
        sessions.clear();
        tokens.clear();
    }

    @Override
    public String path() {
        return configured.get().path();
    }

    @Override
    public String invitation() {
        return path() + "/#" + tokens.create();
    }

    @Override
    public List<Problem> problems() {
        return configured.problems();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.audit;

import io.httun.toolkit.audit.AuditEvent;
import io.httun.toolkit.audit.AuditTrail;
import io.httun.toolkit.login.Logins;
import java.util.Objects;
import javax.security.auth.Subject;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventHandler;

/**
 * Logins to Karaf itself (console, JMX, web console), of which Karaf posts events. Those at our listeners by a realm of Karaf are
 * recorded where they happen.
 */
@Component(property = "event.topics=org/apache/karaf/login/*")
public final class ConsoleLogins implements EventHandler {
    private static final String TOPICS = "org/apache/karaf/login/";

    @Override
    public void handleEvent(Event event) {
        if (event.getProperty("subject") instanceof Subject subject
                && subject.getPublicCredentials().contains(Logins.OF_LISTENER)) {
            return;
        }
        String user = Objects.toString(event.getProperty("username"), "");
        switch (event.getTopic().substring(TOPICS.length())) {
            case "SUCCESS" ->
                AuditTrail.publish(
                        AuditEvent.of("login/ACCEPTED", "user", user, "source", "", "by", "karaf", "realm", "karaf"));
            case "FAILURE" ->
                AuditTrail.publish(AuditEvent.of(
                        "login/REFUSED",
                        "user",
                        user,
                        "source",
                        "",
                        "by",
                        "karaf",
                        "realm",
                        "karaf",
                        "reason",
                        "wrong user or password"));
            default -> {
                // An attempt ends in one of these; who logs out was there.
            }
        }
    }
}

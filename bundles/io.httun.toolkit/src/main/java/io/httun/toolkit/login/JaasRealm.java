// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.login;

import java.io.IOException;
import java.security.Principal;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.security.auth.Subject;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AccountException;
import javax.security.auth.login.CredentialException;
import javax.security.auth.login.LoginContext;
import javax.security.auth.login.LoginException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Users of a JAAS realm, such as Karaf's own one of the console, named {@code karaf}.
 *
 * @param name of the realm
 */
public record JaasRealm(String name) implements Realm {
    private static final Logger LOG = LoggerFactory.getLogger(JaasRealm.class);

    /** Karaf's principals of roles are known by the name of their class, which is Karaf's own and not visible here. */
    private static final String ROLE = "RolePrincipal";

    private static Subject listenersSubject() {
        return new Subject(false, Set.of(), Set.of(Logins.OF_LISTENER), Set.of());
    }

    @Override
    public boolean accepts(String user, String password) {
        return roles(user, password).isPresent();
    }

    /**
     * Logs a user in and out again. May block.
     *
     * @return the names of the user's roles; empty if the login is refused
     */
    public Optional<Set<String>> roles(String user, String password) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try {
            // JAAS finds login modules, Karaf's among them, by the thread's class loader.
            thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
            Subject subject = listenersSubject();
            LoginContext login = new LoginContext(name, subject, new Answers(user, password));
            login.login();
            Set<String> roles = subject.getPrincipals().stream()
                    .filter(principal -> principal.getClass().getSimpleName().equals(ROLE))
                    .map(Principal::getName)
                    .collect(Collectors.toUnmodifiableSet());
            login.logout();
            return Optional.of(roles);
        } catch (CredentialException | AccountException e) {
            LOG.debug("Realm {} refuses a login", name, e);
            return Optional.empty();
        } catch (LoginException | SecurityException e) {
            // Karaf's modules say so of a wrong password as well: without the name, which a stranger chooses.
            LOG.debug("Realm {} is not available", name, e);
            return Optional.empty();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** A realm does not report changes: remembered logins expire. */
    @Override
    public long version() {
        return 0;
    }

    private record Answers(String user, String password) implements CallbackHandler {
        @Override
        public void handle(Callback[] callbacks) throws IOException, UnsupportedCallbackException {
            for (Callback callback : callbacks) {
                if (callback instanceof NameCallback asked) {
                    asked.setName(user);
                } else if (callback instanceof PasswordCallback asked) {
                    asked.setPassword(password.toCharArray());
                } else {
                    throw new UnsupportedCallbackException(callback);
                }
            }
        }

        @Override
        public String toString() {
            return "Answers[***]";
        }
    }
}

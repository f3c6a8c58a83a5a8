// SPDX-License-Identifier: Apache-2.0
package io.httun.listener.login;

import java.io.IOException;
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

/** Users of a JAAS realm, such as Karaf's own one of the console, named {@code karaf}. */
record JaasRealm(String name) implements Realm {
    private static final Logger LOG = LoggerFactory.getLogger(JaasRealm.class);

    @Override
    public boolean accepts(String user, String password) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try {
            // JAAS finds login modules, Karaf's among them, by the thread's class loader.
            thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
            LoginContext login = new LoginContext(name, new Subject(), new Answers(user, password));
            login.login();
            login.logout();
            return true;
        } catch (CredentialException | AccountException e) {
            LOG.debug("Realm {} refuses a login", name, e);
            return false;
        } catch (LoginException | SecurityException e) {
            // Karaf's modules say so of a wrong password as well: without the name, which a stranger chooses.
            LOG.debug("Realm {} cannot log anybody in", name, e);
            return false;
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** A realm tells nobody that it has changed: remembered logins run out. */
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

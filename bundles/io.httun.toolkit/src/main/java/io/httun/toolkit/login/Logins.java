// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.login;

import io.httun.api.config.ConfigException;
import io.httun.api.status.Problem;
import io.httun.toolkit.audit.AuditEvent;
import io.httun.toolkit.audit.AuditTrail;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The users of a listener. A successful login is remembered for a while, so that a client which sends its password with
 * every request does not pay for a slow hash each time; a wrong one never is.
 */
public final class Logins {
    private static final Logger LOG = LoggerFactory.getLogger(Logins.class);

    /** Public credential of the subject in a JAAS login that this class has recorded in the audit trail itself. */
    public static final String OF_LISTENER = "login at a listener of httun";

    /** The result of a login. */
    public enum Outcome {
        RIGHT,
        WRONG,
        /** Too many wrong ones from that source in this minute. */
        TOO_MANY,
        /** More logins wait than can be served. */
        BUSY
    }

    private static final int REMEMBERED = 1024;
    private static final long MEMORY_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final String MAC = "HmacSHA256";

    private final Realm realm;
    private final SecretKeySpec key;
    private final Map<ByteBuffer, Long> remembered = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Long> eldest) {
            return size() > REMEMBERED;
        }
    };

    private long version;

    Logins(Realm realm) {
        this.realm = realm;
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        key = new SecretKeySpec(random, MAC);
    }

    /**
     * @param file of users; empty for none
     * @param realm name of a JAAS realm; empty for none
     * @return empty if no login is required
     * @throws ConfigException if both are there, or the file is wrong
     */
    public static Optional<Logins> of(String file, String realm) {
        if (!file.isEmpty() && !realm.isEmpty()) {
            throw new ConfigException("users.realm", realm, "cannot go with users.file; remove one of the two");
        } else if (!file.isEmpty()) {
            return Optional.of(new Logins(new UsersRealm(file)));
        }
        return realm.isEmpty() ? Optional.empty() : Optional.of(new Logins(new JaasRealm(realm)));
    }

    /**
     * Judges a login.
     *
     * @param source whose wrong logins are counted
     * @param executor notifies the listeners of the result, which never fails
     */
    public Future<Outcome> judge(
            String user,
            String password,
            String source,
            LoginLimiter limiter,
            LoginThreads threads,
            EventExecutor executor) {
        ByteBuffer login = digest(user, password);
        catchUp();
        if (isRemembered(login)) {
            return executor.newSucceededFuture(Outcome.RIGHT);
        } else if (!limiter.take(source)) {
            refused(user, source, "too many wrong logins");
            return executor.newSucceededFuture(Outcome.TOO_MANY);
        }
        Promise<Outcome> result = executor.newPromise();
        boolean runs = threads.run(() -> result.setSuccess(ask(user, password, login, source, limiter)));
        if (!runs) {
            limiter.giveBack(source);
            refused(user, source, "too many logins wait");
            result.setSuccess(Outcome.BUSY);
        }
        return result;
    }

    private Outcome ask(String user, String password, ByteBuffer login, String source, LoginLimiter limiter) {
        try {
            if (realm.accepts(user, password)) {
                remember(login);
                limiter.giveBack(source);
                AuditTrail.publish(AuditEvent.of(
                        "login/ACCEPTED", "user", user, "source", source, "by", "listener", "realm", realm.toString()));
                return Outcome.RIGHT;
            }
        } catch (RuntimeException e) {
            LOG.error("{} failed; the login is refused", realm, e);
        }
        refused(user, source, "wrong user or password");
        return Outcome.WRONG;
    }

    private void refused(String user, String source, String reason) {
        AuditTrail.publish(AuditEvent.of(
                "login/REFUSED",
                "user",
                user,
                "source",
                source,
                "by",
                "listener",
                "realm",
                realm.toString(),
                "reason",
                reason));
    }

    private synchronized boolean isRemembered(ByteBuffer login) {
        Long since = remembered.get(login);
        return since != null && System.nanoTime() - since < MEMORY_NANOS;
    }

    private synchronized void remember(ByteBuffer login) {
        remembered.put(login, System.nanoTime());
    }

    /** A user who was removed is refused from the next login on. */
    private void catchUp() {
        long now = realm.version();
        synchronized (this) {
            if (now != version) {
                version = now;
                remembered.clear();
            }
        }
    }

    /** Under a key of this process: remembered values are useless in a later copy of the memory. */
    private ByteBuffer digest(String user, String password) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(key);
            mac.update(user.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            return ByteBuffer.wrap(mac.doFinal(password.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no " + MAC, e);
        }
    }

    /** The problem with the users; empty if there is none. */
    public List<Problem> problems() {
        return realm.problems();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Logins that && realm.equals(that.realm);
    }

    @Override
    public int hashCode() {
        return realm.hashCode();
    }

    @Override
    public String toString() {
        return realm.toString();
    }
}

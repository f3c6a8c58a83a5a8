// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.login;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;

/** A password as it is kept: something that says whether a guess is right, and is slow to do so. */
public sealed interface PasswordHash {
    /** The longest input of bcrypt, which ignores the rest. */
    int MAX_BCRYPT_BYTES = 72;

    /** Of new hashes: about 120 ms. */
    int NEW_BCRYPT_COST = 11;

    /** Blocks for as long as {@link #micros}. */
    boolean matches(String password);

    /** Two hashes of the same cost take the same time. */
    String cost();

    /** Nominal time to compute it on one core, in microseconds; slow machines take longer. */
    long micros();

    /**
     * Hashes a new password by bcrypt.
     *
     * @param password in UTF-8, 1 to {@value #MAX_BCRYPT_BYTES} bytes
     */
    static String bcrypt(byte[] password) {
        byte[] salt = new byte[Bcrypt.SALT];
        new SecureRandom().nextBytes(salt);
        return OpenBSDBCrypt.generate("2b", password, salt, NEW_BCRYPT_COST);
    }

    /** @throws IllegalArgumentException saying what would be right, and never what was there */
    static PasswordHash parse(String text) {
        Matcher scram = Scram.FORMAT.matcher(text);
        if (Bcrypt.FORMAT.matcher(text).matches()) {
            return new Bcrypt(text);
        } else if (scram.matches()) {
            return new Scram(
                    scram.group("bits"),
                    Integer.parseInt(scram.group("iterations")),
                    Base64.getDecoder().decode(scram.group("salt")),
                    Base64.getDecoder().decode(scram.group("stored")));
        }
        throw new IllegalArgumentException("must be USER:HASH with a bcrypt hash ($2b$..., as of httun:user-add and of"
                + " htpasswd -B) or SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY");
    }

    /** The format of OpenBSD and of Apache's {@code htpasswd -B}. */
    record Bcrypt(String text) implements PasswordHash {
        static final Pattern FORMAT = Pattern.compile("\\$2[aby]\\$(0[4-9]|[12][0-9]|3[01])\\$[./A-Za-z0-9]{53}");

        private static final int COST = 4;
        private static final int SALT = 16;

        /** Bouncy Castle 1.83 on JDK 17, 2026. */
        private static final long MICROS_A_ROUND = 60;

        @Override
        public boolean matches(String password) {
            return OpenBSDBCrypt.checkPassword(text, password.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String cost() {
            return text.substring(COST, COST + 2);
        }

        @Override
        public long micros() {
            return MICROS_A_ROUND << Integer.parseInt(cost());
        }

        @Override
        public String toString() {
            return "Bcrypt[***]";
        }
    }

    /** The record of a SCRAM server (RFC 5802 section 3), in PostgreSQL's notation. */
    record Scram(String bits, int iterations, byte[] salt, byte[] storedKey) implements PasswordHash {
        static final Pattern FORMAT = Pattern.compile(
                "SCRAM-SHA-(?<bits>256|512)\\$(?<iterations>[1-9][0-9]{3,6}):"
                        + "(?<salt>[A-Za-z0-9+/]{8,172}={0,2})\\$(?<stored>[A-Za-z0-9+/]{43,86}={1,2}):[A-Za-z0-9+/]{43,86}={1,2}");

        @Override
        public boolean matches(String password) {
            String mac = "HmacSHA" + bits;
            try {
                PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, iterations, Integer.parseInt(bits));
                byte[] salted = SecretKeyFactory.getInstance("PBKDF2With" + mac)
                        .generateSecret(spec)
                        .getEncoded();
                Mac hmac = Mac.getInstance(mac);
                hmac.init(new SecretKeySpec(salted, mac));
                byte[] clientKey = hmac.doFinal("Client Key".getBytes(StandardCharsets.US_ASCII));
                return MessageDigest.isEqual(
                        storedKey, MessageDigest.getInstance("SHA-" + bits).digest(clientKey));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this JVM has no PBKDF2With" + mac, e);
            }
        }

        @Override
        public String cost() {
            return bits + ' ' + iterations;
        }

        /** 1 or 2 microseconds an iteration on a processor without instructions for SHA. */
        @Override
        public long micros() {
            return (long) iterations * (bits.equals("256") ? 1 : 2);
        }

        @Override
        public String toString() {
            return "Scram[***]";
        }
    }
}

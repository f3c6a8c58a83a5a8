// SPDX-License-Identifier: Apache-2.0
package io.httun.listener.login;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;

/** A password as it is kept: something that says whether a guess is right, and is slow to do so. */
sealed interface PasswordHash {
    /** Blocks for some ten milliseconds. */
    boolean matches(String password);

    /** Two hashes of the same cost take the same time. */
    String cost();

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
        /** More than 2^16 rounds would let a single login block its thread for seconds. */
        static final Pattern FORMAT = Pattern.compile("\\$2[aby]\\$(0[4-9]|1[0-6])\\$[./A-Za-z0-9]{53}");

        private static final int COST = 4;

        @Override
        public boolean matches(String password) {
            return OpenBSDBCrypt.checkPassword(text, password.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String cost() {
            return text.substring(COST, COST + 2);
        }

        @Override
        public String toString() {
            return "Bcrypt[***]";
        }
    }

    /** What a SCRAM server keeps (RFC 5802 section 3), in the notation that PostgreSQL uses. */
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
                throw new IllegalStateException("every JDK has PBKDF2With" + mac, e);
            }
        }

        @Override
        public String cost() {
            return bits + ' ' + iterations;
        }

        @Override
        public String toString() {
            return "Scram[***]";
        }
    }
}

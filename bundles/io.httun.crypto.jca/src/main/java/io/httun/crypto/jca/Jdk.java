// SPDX-License-Identifier: Apache-2.0
package io.httun.crypto.jca;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.Security;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;

/**
 * The JDK's own providers by name, since a container may have put a slower one in front of them. On a JVM that lacks them
 * (a hardened one, for instance) its own order of providers decides.
 */
final class Jdk {
    private static final String X25519 = "X25519";

    private Jdk() {}

    static Cipher cipher() throws GeneralSecurityException {
        Provider jce = Security.getProvider("SunJCE");
        String name = "AES/GCM/NoPadding";
        return jce == null ? Cipher.getInstance(name) : Cipher.getInstance(name, jce);
    }

    static KeyPairGenerator x25519KeyPairs() throws GeneralSecurityException {
        Provider ec = Security.getProvider("SunEC");
        return ec == null ? KeyPairGenerator.getInstance(X25519) : KeyPairGenerator.getInstance(X25519, ec);
    }

    static KeyFactory x25519Keys() throws GeneralSecurityException {
        Provider ec = Security.getProvider("SunEC");
        return ec == null ? KeyFactory.getInstance(X25519) : KeyFactory.getInstance(X25519, ec);
    }

    static KeyAgreement x25519() throws GeneralSecurityException {
        Provider ec = Security.getProvider("SunEC");
        return ec == null ? KeyAgreement.getInstance(X25519) : KeyAgreement.getInstance(X25519, ec);
    }

    static MessageDigest sha3() throws GeneralSecurityException {
        Provider sun = Security.getProvider("SUN");
        String name = "SHA3-256";
        return sun == null ? MessageDigest.getInstance(name) : MessageDigest.getInstance(name, sun);
    }
}

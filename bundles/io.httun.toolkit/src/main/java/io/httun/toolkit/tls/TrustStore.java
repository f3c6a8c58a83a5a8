// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.tls;

import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Arrays;
import javax.net.ssl.TrustManagerFactory;

/** The content of a file of trusted certificates: PEM, JKS or PKCS#12. */
final class TrustStore {
    private static final String PEM_MARK = "-----BEGIN";

    private final String property;
    private final String file;
    private final byte[] bytes;
    private final String password;

    TrustStore(String property, String file, byte[] bytes, String password) {
        this.property = property;
        this.file = file;
        this.bytes = bytes;
        this.password = password;
    }

    void addTo(SslContextBuilder builder) throws GeneralSecurityException, IOException {
        if (new String(bytes, StandardCharsets.ISO_8859_1).contains(PEM_MARK)) {
            builder.trustManager(new ByteArrayInputStream(bytes));
            return;
        }
        char[] chars = password.isEmpty() ? null : password.toCharArray();
        KeyStore store = KeyStore.getInstance(new File(file), chars);
        if (store.size() == 0) {
            throw new GeneralSecurityException(
                    "no certificate can be read from it; does it need " + property + ".password.file?");
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        builder.trustManager(factory);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TrustStore that
                && property.equals(that.property)
                && file.equals(that.file)
                && Arrays.equals(bytes, that.bytes)
                && password.equals(that.password);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "TrustStore[" + file + "]";
    }
}

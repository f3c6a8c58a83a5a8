// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/** A key with a self-signed certificate for {@code localhost}, by the JDK's keytool. */
record TestKeys(Path p12, Path certificate, Path key, Path password) {
    private static final String PASSWORD = "changeit";

    static TestKeys make(Path folder, String name) throws IOException, InterruptedException, GeneralSecurityException {
        Path p12 = folder.resolve(name + ".p12");
        Process keytool = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "own",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=dns:localhost",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        p12.toString(),
                        "-storepass",
                        PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile())
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(p12)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return new TestKeys(
                p12,
                block(
                        folder.resolve(name + ".pem"),
                        "CERTIFICATE",
                        store.getCertificate("own").getEncoded()),
                block(
                        folder.resolve(name + ".key"),
                        "PRIVATE KEY",
                        store.getKey("own", PASSWORD.toCharArray()).getEncoded()),
                Files.writeString(folder.resolve(name + ".password"), PASSWORD));
    }

    private static Path block(Path file, String kind, byte[] bytes) throws IOException {
        return Files.writeString(
                file,
                "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder().encodeToString(bytes) + "\n-----END " + kind
                        + "-----\n");
    }

    ServerTls.Settings settings() {
        return settings(certificate, key);
    }

    static ServerTls.Settings settings(Path certificate, Path key) {
        return new ServerTls.Settings(certificate.toString(), key.toString(), "", "", false, "jdk", List.of());
    }
}

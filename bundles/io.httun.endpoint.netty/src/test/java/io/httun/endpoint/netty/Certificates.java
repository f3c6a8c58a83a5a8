// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Certificates made by openssl, put into place as a renewal does it. */
final class Certificates {
    final Path folder;
    final Path chain;
    final Path key;

    Certificates(Path folder) {
        this.folder = folder;
        chain = folder.resolve("chain.pem");
        key = folder.resolve("key.pem");
    }

    /** @param algorithm such as {@code rsa:2048}, or {@code ec} with its options */
    Certificates make(String name, String... algorithm) throws Exception {
        Path newChain = folder.resolve("new-chain.pem");
        Path newKey = folder.resolve("new-key.pem");
        String[] fixed = {
            "openssl",
            "req",
            "-x509",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=" + name,
            "-keyout",
            newKey.toString(),
            "-out",
            newChain.toString(),
            "-newkey"
        };
        String[] command = new String[fixed.length + algorithm.length];
        System.arraycopy(fixed, 0, command, 0, fixed.length);
        System.arraycopy(algorithm, 0, command, fixed.length, algorithm.length);
        String output = Program.run(command);
        if (!Files.exists(newChain)) {
            throw new IllegalStateException(output);
        }
        Files.move(newChain, chain, StandardCopyOption.ATOMIC_MOVE);
        Files.move(newKey, key, StandardCopyOption.ATOMIC_MOVE);
        return this;
    }

    Certificates make(String name) throws Exception {
        return make(name, "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1");
    }

    Object[] settings() {
        return new Object[] {
            "listen", "tls:127.0.0.1:0", "tls.certificate.file", chain.toString(), "tls.key.file", key.toString()
        };
    }
}

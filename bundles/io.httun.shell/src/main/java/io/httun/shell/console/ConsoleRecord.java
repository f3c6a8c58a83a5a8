// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.console;

import io.httun.toolkit.config.AtomicFile;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.Properties;

/**
 * The address of a process's SSH console, in a file of mode 0600.
 *
 * @param pid the process; the record of an ended process is ignored
 * @param hostKey the expected public key, as a Base64 SubjectPublicKeyInfo
 */
public record ConsoleRecord(long pid, String host, int port, String hostKey) {
    /** Variable of a session: the other end has a terminal, although the session has none. */
    public static final String TERMINAL = "HTTUN_TERMINAL";

    private static final String HEAD = "-----BEGIN PUBLIC KEY-----";

    /** The file of the process with this base directory. */
    public static Path file(Path base) {
        return base.resolve("data").resolve("console");
    }

    /** @return empty while there is none */
    public static Optional<ConsoleRecord> read(Path file) throws IOException {
        Properties all = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            all.load(in);
            return Optional.of(new ConsoleRecord(
                    Long.parseLong(all.getProperty("pid", "")),
                    all.getProperty("host", ""),
                    Integer.parseInt(all.getProperty("port", "")),
                    all.getProperty("host.key", "")));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " is not a console record: " + e.getMessage(), e);
        }
    }

    /** Atomic: a reader sees the complete file or none. */
    public void write(Path file) throws IOException {
        Properties all = new Properties();
        all.setProperty("pid", "" + pid);
        all.setProperty("host", host);
        all.setProperty("port", "" + port);
        all.setProperty("host.key", hostKey);
        StringWriter text = new StringWriter();
        all.store(text, null);
        AtomicFile.replaceForOwner(file, text.toString());
    }

    /** @return empty unless it is a public key in Karaf's format */
    public static Optional<String> key(String pem) {
        int end = pem.indexOf("-----END");
        if (!pem.startsWith(HEAD) || end < 0) {
            return Optional.empty();
        }
        byte[] key = Base64.getMimeDecoder().decode(pem.substring(HEAD.length(), end));
        return Optional.of(Base64.getEncoder().encodeToString(key));
    }
}

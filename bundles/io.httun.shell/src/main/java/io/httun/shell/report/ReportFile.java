// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.report;

import io.httun.api.config.ConfigException;
import io.httun.api.tunnel.PathProber;
import io.httun.shell.health.Health;
import io.httun.toolkit.status.Json;
import io.httun.toolkit.status.PathReportText;
import io.httun.toolkit.status.Services;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.osgi.framework.Bundle;

/** Writes a report. Needs at most some MiB of memory: of the log it takes the end. */
public final class ReportFile {
    private static final int MAX_LOG = 1 << 20;
    private static final int MAX_CONFIGURATION = 256 << 10;

    private final Services services;
    private final Path etc;
    private final Path log;
    private final Consumer<String> progress;

    /** @param log the current log file */
    public ReportFile(Services services, Path etc, Path log, Consumer<String> progress) {
        this.services = services;
        this.etc = etc;
        this.log = log;
        this.progress = progress;
    }

    /**
     * @param file must not exist; only its owner can read it
     * @throws ConfigException if it cannot be written
     */
    public void write(Path file) throws InterruptedException {
        Map<String, String> configurations = configurations();
        Redaction redaction = Redaction.of(List.copyOf(configurations.values()));
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("versions.txt", versions());
        configurations.forEach((name, text) -> entries.put("etc/" + name, redaction.configuration(text)));
        entries.put("health.json", Json.write(new Health(services).problems()));
        entries.put("status.json", Json.write(services.snapshot()));
        entries.put("karaf.log", logEnd());
        for (String client : services.names(PathProber.class)) {
            progress.accept("probing " + client);
            entries.put("probe-" + client + ".txt", probe(client));
        }
        save(file, entries, redaction);
    }

    private static void save(Path file, Map<String, String> entries, Redaction redaction) {
        FileAttribute<?>[] own =
                FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                        }
                        : new FileAttribute<?>[0];
        try {
            Files.createFile(file, own);
            try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
                for (Map.Entry<String, String> entry : entries.entrySet()) {
                    zip.putNextEntry(new ZipEntry(entry.getKey()));
                    zip.write(redaction.text(entry.getValue()).getBytes(StandardCharsets.UTF_8));
                    zip.closeEntry();
                }
            }
        } catch (FileAlreadyExistsException e) {
            throw new ConfigException(file + " exists: name another file");
        } catch (IOException e) {
            throw new ConfigException("Cannot write " + file + " (" + e + "): name a file in another folder");
        }
    }

    private Map<String, String> configurations() {
        Map<String, String> texts = new LinkedHashMap<>();
        try (Stream<Path> files = Files.list(etc)) {
            List<Path> wanted = files.filter(file -> file.getFileName()
                            .toString()
                            .matches("io\\.httun\\..*\\.(cfg|config)" + "|org\\.ops4j\\.pax\\.web\\.cfg|jvm\\.options"))
                    .sorted()
                    .toList();
            for (Path file : wanted) {
                texts.put(
                        file.getFileName().toString(),
                        Files.size(file) > MAX_CONFIGURATION ? "too large" : read(file, MAX_CONFIGURATION));
            }
        } catch (IOException e) {
            texts.put("unreadable.txt", e.toString());
        }
        return texts;
    }

    private String logEnd() {
        try {
            return read(log, MAX_LOG);
        } catch (IOException e) {
            return "cannot be read: " + e;
        }
    }

    /** The last bytes, from the beginning of a line. */
    private static String read(Path file, int most) throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            long start = Math.max(0, in.length() - most);
            in.seek(start);
            byte[] bytes = new byte[(int) Math.min(most, in.length() - start)];
            in.readFully(bytes);
            String text = new String(bytes, StandardCharsets.UTF_8);
            return start == 0 ? text : text.substring(text.indexOf('\n') + 1);
        }
    }

    private String versions() {
        List<String> lines = new ArrayList<>();
        for (String name :
                List.of("httun.version", "karaf.version", "java.version", "java.vendor", "os.name", "os.version")) {
            lines.add(name + " " + System.getProperty(name, "unknown"));
        }
        lines.add("processors " + Runtime.getRuntime().availableProcessors());
        lines.add("memory " + (Runtime.getRuntime().maxMemory() >> 20) + " MiB");
        for (Bundle bundle : services.bundles("io.httun")) {
            lines.add(bundle.getSymbolicName() + " " + bundle.getVersion()
                    + (bundle.getState() == Bundle.ACTIVE ? "" : " (not active)"));
        }
        return lines.stream().collect(Collectors.joining("\n", "", "\n"));
    }

    private String probe(String client) throws InterruptedException {
        return services.named(PathProber.class, client).isEmpty()
                ? "has gone"
                : String.join(
                        "\n",
                        PathReportText.lines(services.named(PathProber.class, client)
                                .orElseThrow()
                                .probe(false, step -> {})));
    }
}

// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Starts the distribution once with each usual set of features, and writes what Karaf has resolved to {@code karaf/resolved}, so that
 * the first start of an installation need not resolve it again. {@code share/sh/base.sh} reads these files; their format:
 *
 * <pre>
 * CHECKSUM of the distribution's own jars, as bin/httun computes it
 * &gt; FILE below data/cache
 * its lines, in which @home@ is the distribution's folder and @base@ the installation's
 * ...
 * </pre>
 *
 * The jars are no part of it: Felix reads them where they are.
 */
final class Resolved {
    /** What {@code bin/httun} asks for: server, client, proxy, demo. */
    private static final List<String> FEATURES = List.of(
            "httun-server-base,httun-endpoint-cxf,httun-endpoint-netty",
            "httun-client",
            "httun-client,httun-connector-upstream",
            "httun-server-base,httun-endpoint-netty,httun-client,httun-web");

    private static final String REVISION = "version0.0";
    private static final Pattern LIST = Pattern.compile("(?<=[\\[{])\"[^\\[\\]{}]*(?=[]}])");
    private static final long LIMIT_SECONDS = 180;

    private final Path home;
    private final Path work;
    private final long modified;

    private Resolved(Path home, Path work, Instant modified) {
        this.home = home;
        this.work = work;
        this.modified = modified.toEpochMilli();
    }

    /** Arguments: folder of the distribution, folder to work in, time that the files are to have. */
    public static void main(String[] args) throws IOException, InterruptedException {
        Resolved resolved = new Resolved(
                Path.of(args[0]).toRealPath(), Files.createDirectories(Path.of(args[1])).toRealPath(), Instant.parse(args[2]));
        Path target = resolved.home.resolve("karaf/resolved");
        remove(target);
        for (String features : FEATURES) {
            // Karaf takes a comma in a folder's name for the end of it.
            Path base = resolved.work.resolve(features.replace(',', '+'));
            remove(base);
            Path cache = resolved.resolve(features, base);
            String text = resolved.text(cache);
            Files.createDirectories(target);
            Files.writeString(target.resolve(features), text);
            remove(base);
        }
    }

    private static void remove(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
            }
        }
    }

    private Path resolve(String features, Path base) throws IOException, InterruptedException {
        Path etc = Files.createDirectories(base.resolve("etc"));
        // The build needs no port of a web server.
        Files.writeString(etc.resolve("org.ops4j.pax.web.cfg"), "org.osgi.service.http.enabled = false\n");
        Path log = base.resolve("start.log");
        ProcessBuilder start = new ProcessBuilder(home.resolve("bin/httun").toString(), "resolve", features);
        start.environment().put("HTTUN_BASE", base.toString());
        start.environment().put("JAVA_HOME", System.getProperty("java.home"));
        start.environment().remove("JAVA_OPTS");
        start.environment().remove("NOTIFY_SOCKET");
        Process karaf = start.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            karaf.getOutputStream().close();
            Path cache = base.resolve("data/cache");
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
            while (!isResolved(cache)) {
                if (karaf.waitFor(100, TimeUnit.MILLISECONDS) || System.nanoTime() > end) {
                    throw new IOException(features + " did not start: see " + log + " and " + base.resolve("data/log/karaf.log"));
                }
            }
            return cache;
        } finally {
            karaf.destroy();
            if (!karaf.waitFor(60, TimeUnit.SECONDS)) {
                karaf.destroyForcibly().waitFor();
            }
        }
    }

    private static boolean isResolved(Path cache) throws IOException {
        Path state = Files.isDirectory(cache) ? only(cache, "data/state.json") : null;
        return state != null && Files.readString(state).contains("\"bootDone\":true");
    }

    /** File {@code name} in the one folder of a bundle that has it; null if none has. */
    private static Path only(Path cache, String name) throws IOException {
        try (Stream<Path> bundles = Files.list(cache)) {
            return bundles.map(bundle -> bundle.resolve(name)).filter(Files::exists).findAny().orElse(null);
        }
    }

    private String text(Path cache) throws IOException, InterruptedException {
        StringBuilder text = new StringBuilder(checksum()).append('\n');
        try (Stream<Path> bundles = Files.list(cache)) {
            bundles.filter(Files::isDirectory)
                    .sorted(Comparator.comparingInt(Resolved::number))
                    .forEach(bundle -> append(text, cache, bundle));
        }
        return text.toString();
    }

    private static int number(Path bundle) {
        return Integer.parseInt(bundle.getFileName().toString().substring("bundle".length()));
    }

    private void append(StringBuilder text, Path cache, Path bundle) {
        try {
            if (number(bundle) == 0) {
                appendFolder(text, cache, bundle);
                return;
            }
            // Number, location, state, start level, time of the last change, number of the refresh.
            List<String> info = Files.readAllLines(bundle.resolve("bundle.info"));
            String location = info.get(1);
            info.set(4, Long.toString(modified));
            append(text, cache, bundle.resolve("bundle.info"), info);
            append(text, cache, bundle.resolve(REVISION).resolve("revision.location"), List.of("reference:file:@home@/" + jar(location)));
            Path state = bundle.resolve("data/state.json");
            if (Files.exists(state)) {
                String json = Files.readString(state).replace(home.toString(), "@home@");
                append(text, cache, state, List.of(LIST.matcher(json).replaceAll(Resolved::sorted)));
            }
            if (location.contains("org.apache.felix.configadmin/")) {
                // Until etc/ has been read, Pax Web would take its own defaults: a port on every address.
                append(
                        text,
                        cache,
                        bundle.resolve("data/config/org/ops4j/pax/web.config"),
                        List.of(
                                "felix.fileinstall.filename=\"file:@base@/etc/org.ops4j.pax.web.cfg\"",
                                "org.osgi.service.http.enabled=\"false\"",
                                "service.bundleLocation=\"?\"",
                                "service.pid=\"org.ops4j.pax.web\""));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void appendFolder(StringBuilder text, Path cache, Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                append(text, cache, file, Files.readAllLines(file));
            }
        }
    }

    private static void append(StringBuilder text, Path cache, Path file, List<String> lines) {
        text.append("> ").append(cache.relativize(file)).append('\n');
        lines.forEach(line -> text.append(line).append('\n'));
    }

    /** Karaf keeps features in hash sets: their order differs from start to start. */
    private static String sorted(MatchResult list) {
        return Arrays.stream(list.group().split(",(?=\")")).sorted().collect(Collectors.joining(","));
    }

    /** The jar of a location mvn:GROUP/ARTIFACT/VERSION[/TYPE[/CLASSIFIER]], relative to the distribution. */
    private String jar(String location) throws IOException {
        String[] parts = location.substring("mvn:".length()).split("/");
        String classifier = parts.length > 4 ? "-" + parts[4] : "";
        String jar = "system/" + parts[0].replace('.', '/') + "/" + parts[1] + "/" + parts[2] + "/" + parts[1] + "-" + parts[2]
                + classifier + ".jar";
        if (!Files.isRegularFile(home.resolve(jar))) {
            throw new IOException(location + " is not at " + jar);
        }
        return jar;
    }

    private String checksum() throws IOException, InterruptedException {
        Process sum = new ProcessBuilder(home.resolve("bin/httun").toString(), "checksum").start();
        String text = new String(sum.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII);
        if (sum.waitFor() != 0) {
            throw new IOException("bin/httun checksum ended with " + sum.exitValue());
        }
        return text.strip();
    }
}

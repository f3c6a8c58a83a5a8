// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;
import static org.ops4j.pax.exam.CoreOptions.systemTimeout;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.configureConsole;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.configureSecurity;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.features;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.karafDistributionConfiguration;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.keepRuntimeFolder;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.logLevel;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.replaceConfigurationFile;

import io.httun.itests.fixture.Keys;
import io.httun.itests.fixture.Ports;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import net.bytebuddy.ByteBuddy;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.hamcrest.Matcher;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.karaf.options.LogLevelOption.LogLevel;
import org.ops4j.pax.exam.options.extra.VMOption;

/** What a tested Karaf is made of. Evaluated in the JVM of the build; {@link InKaraf} is the other side. */
final class KarafOptions {
    /** Feature repository of this checkout, found in the repository that the build has filled. */
    static final String FEATURES = "mvn:io.httun/httun-features/" + build("version") + "/xml/features";

    private static final String KARAF = build("karaf.version");

    private static final Duration START_LIMIT = Duration.ofSeconds(90);

    private KarafOptions() {}

    /** A stock Karaf that finds the bundles of this checkout and asks no network for anything. */
    static Option karaf() {
        String repository = Path.of(build("repository")).toUri() + "@id=build@snapshots";
        return composite(
                karafDistributionConfiguration()
                        .frameworkUrl(Path.of(build("karaf")).toUri().toString())
                        .karafVersion(KARAF)
                        .name("Apache Karaf")
                        .unpackDirectory(new File(build("work"), "exam")),
                configureSecurity().disableKarafMBeanServerBuilder(),
                configureConsole().ignoreLocalConsole().ignoreRemoteShell(),
                keepRuntimeFolder(),
                systemTimeout(START_LIMIT.toMillis()),
                // Of a field with a service, which is there once Karaf has started; otherwise 10 s.
                systemProperty("pax.exam.service.timeout").value(Long.toString(START_LIMIT.toMillis())),
                logLevel(LogLevel.INFO),
                editConfigurationFilePut(
                        "etc/org.ops4j.pax.url.mvn.cfg", "org.ops4j.pax.url.mvn.repositories", repository),
                editConfigurationFilePut(
                        "etc/org.ops4j.pax.url.mvn.cfg",
                        "org.ops4j.pax.url.mvn.localRepository",
                        build("work") + "/local-repository"),
                editConfigurationFilePut("etc/org.apache.karaf.shell.cfg", "sshPort", Integer.toString(Ports.free())),
                features("mvn:org.apache.karaf.features/standard/" + KARAF + "/xml/features", "scr"),
                passedOn(),
                jvm(),
                testLibraries());
    }

    /** The repository is known, nothing of it is installed. */
    static Option httunRepository() {
        return features(FEATURES);
    }

    /** The named features of this checkout, installed at start. */
    static Option httun(String... names) {
        return features(FEATURES, names);
    }

    /** Karaf's web server, and with it the tunnel's endpoint, on the given port of loopback. */
    static Option webServer(int port) {
        return composite(
                editConfigurationFilePut(
                        "etc/org.ops4j.pax.web.cfg", "org.osgi.service.http.port", Integer.toString(port)),
                editConfigurationFilePut(
                        "etc/org.ops4j.pax.web.cfg", "org.ops4j.pax.web.listening.addresses", "127.0.0.1"),
                systemProperty("itests.web.port").value(Integer.toString(port)));
    }

    /** A configuration file of Karaf, for example {@code io.httun.channel-home}. */
    static Option configuration(String pid, String... lines) {
        try {
            Path file = Files.createDirectories(Path.of(build("work"), "etc-" + Keys.randomId()))
                    .resolve(pid + ".cfg");
            Files.writeString(file, String.join("\n", lines) + "\n");
            return replaceConfigurationFile("etc/" + pid + ".cfg", file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A server for one channel, "home", that denies nothing but port 9 of loopback, and test operations. */
    static Option httunServer(Path secret, String... more) {
        return composite(
                httun("httun-server"),
                configuration(
                        "io.httun.filter.pattern-targets",
                        "name = targets",
                        "rules = deny 127.0.0.1:9, allow 127.0.0.1, allow localhost"),
                configuration("io.httun.channel-home", channel(secret, more)));
    }

    /** The lines of the channel "home". */
    static String[] channel(Path secret, String... more) {
        return lines(more, "name = home", "id = 7", "secret.file = " + secret, "filters = targets", "test = true");
    }

    /** A client for the channel "home" with a SOCKS and a CONNECT listener on free ports. */
    static Option httunClient(Path secret, String url, String... more) {
        return composite(
                httun("httun-client"),
                configuration(
                        "io.httun.client-home",
                        lines(more, "name = home", "urls = " + url, "id = 7", "secret.file = " + secret)),
                listener("socks", "socks"),
                listener("connect", "connect"));
    }

    /** A listener on a free port that leads into the client "home". */
    static Option listener(String kind, String name, String... more) {
        return configuration(
                "io.httun.listener." + kind + "-" + name,
                lines(more, "name = " + name, "bind = 127.0.0.1:0", "connector.target = (name=home)"));
    }

    private static String[] lines(String[] more, String... first) {
        return Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new);
    }

    /** A bundle of the build's own class path, found by one of its classes. */
    static Option bundleOf(Class<?> type) {
        return bundle(type.getProtectionDomain().getCodeSource().getLocation().toString());
    }

    private static Option testLibraries() {
        return composite(Stream.of(Assertions.class, Awaitility.class, ByteBuddy.class, Matcher.class)
                .map(KarafOptions::bundleOf)
                .toArray(Option[]::new));
    }

    private static Option passedOn() {
        List<Option> options = new ArrayList<>();
        for (String name : List.of("karaf", "karaf.version", "repository", "version", "work")) {
            options.add(systemProperty("itests." + name).value(build(name)));
        }
        return composite(options.toArray(Option[]::new));
    }

    /** What {@code bin/karaf} gives a JVM newer than 8; Pax Exam starts the JVM without that script. */
    private static Option jvm() {
        String endorsed = "lib/endorsed/org.apache.karaf.specs.";
        List<String> arguments = List.of(
                "-Xmx512m",
                "--add-reads=java.xml=java.logging",
                "--add-exports=java.base/org.apache.karaf.specs.locator=java.xml,ALL-UNNAMED",
                "--patch-module",
                "java.base=" + endorsed + "locator-" + KARAF + ".jar",
                "--patch-module",
                "java.xml=" + endorsed + "java.xml-" + KARAF + ".jar",
                "--add-opens=java.base/java.security=ALL-UNNAMED",
                "--add-opens=java.base/java.net=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.util=ALL-UNNAMED",
                "--add-opens=java.naming/javax.naming.spi=ALL-UNNAMED",
                "--add-opens=java.rmi/sun.rmi.transport.tcp=ALL-UNNAMED",
                "--add-exports=java.base/sun.net.www.protocol.file=ALL-UNNAMED",
                "--add-exports=java.base/sun.net.www.protocol.ftp=ALL-UNNAMED",
                "--add-exports=java.base/sun.net.www.protocol.http=ALL-UNNAMED",
                "--add-exports=java.base/sun.net.www.protocol.https=ALL-UNNAMED",
                "--add-exports=java.base/sun.net.www.protocol.jar=ALL-UNNAMED",
                "--add-exports=java.base/sun.net.www.content.text=ALL-UNNAMED",
                "--add-exports=jdk.naming.rmi/com.sun.jndi.url.rmi=ALL-UNNAMED",
                "--add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED",
                "-classpath",
                "lib/jdk9plus/*" + File.pathSeparator + "lib/boot/*" + File.pathSeparator + "lib/endorsed/*");
        return composite(arguments.stream().map(VMOption::new).toArray(Option[]::new));
    }

    /** A value that the pom hands to the tests. */
    static String build(String name) {
        String value = System.getProperty("itests." + name);
        if (value == null) {
            throw new IllegalStateException(
                    "itests." + name + " is not set: run this test with mvn verify -pl itests -am");
        }
        return value;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/** What ConfigurationAdmin has of the files in a folder, read anew for each question, as Felix File Install would bring it. */
final class FakeConfigurations {
    private final Path etc;
    final List<String> updated = new ArrayList<>();

    FakeConfigurations(Path etc) {
        this.etc = etc;
    }

    ConfigurationAdmin admin() {
        return FakeServices.proxy(ConfigurationAdmin.class, (method, args) -> list(args[0]));
    }

    /** The names of the configurations of a factory. */
    List<String> names(String pid) {
        return Arrays.stream(list("(service.factoryPid=" + pid + ")"))
                .map(each -> (String) each.getProperties().get("name"))
                .sorted()
                .toList();
    }

    private Configuration[] list(Object filter) {
        String pid = filter.toString().replaceAll(".*=|\\)", "");
        String end = filter.toString().contains("factoryPid") ? "-" : ".cfg";
        try (Stream<Path> files = Files.list(etc)) {
            return files.filter(file -> file.getFileName().toString().startsWith(pid + end))
                    .filter(file -> file.toString().endsWith(".cfg") && Files.isRegularFile(file))
                    .map(this::configuration)
                    .toArray(Configuration[]::new);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Configuration configuration(Path file) {
        Dictionary<String, Object> properties = new Hashtable<>();
        Properties all = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            all.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        all.forEach((key, value) ->
                properties.put(key.toString(), value.toString().replace("${karaf.etc}", etc.toString())));
        properties.put("felix.fileinstall.filename", file.toUri().toString());
        return FakeServices.proxy(Configuration.class, (method, args) -> switch (method) {
            case "getProperties" -> properties;
            case "update" -> updated.add("" + args[0]);
            default -> null;
        });
    }
}

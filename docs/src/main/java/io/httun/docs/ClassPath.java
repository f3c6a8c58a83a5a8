// SPDX-License-Identifier: Apache-2.0
package io.httun.docs;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The files in the jars and folders that this program was started with. */
final class ClassPath {
    private ClassPath() {}

    /** The content of all files whose path begins and ends so. */
    static Map<String, byte[]> files(String prefix, String suffix) throws IOException {
        Map<String, byte[]> found = new TreeMap<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(entry);
            if (Files.isDirectory(path)) {
                read(path, prefix, suffix, found);
            } else if (entry.endsWith(".jar")) {
                try (FileSystem jar = FileSystems.newFileSystem(path)) {
                    read(jar.getPath("/"), prefix, suffix, found);
                }
            }
        }
        return found;
    }

    private static void read(Path root, String prefix, String suffix, Map<String, byte[]> found) throws IOException {
        String folder = prefix.substring(0, prefix.lastIndexOf('/') + 1);
        Path start = root.resolve(folder);
        if (!Files.isDirectory(start)) {
            return;
        }
        List<Path> paths = new ArrayList<>();
        try (Stream<Path> walked = Files.walk(start)) {
            walked.filter(Files::isRegularFile).forEach(paths::add);
        }
        for (Path path : paths) {
            String name = root.relativize(path).toString();
            if (name.startsWith(prefix) && name.endsWith(suffix)) {
                found.put(name, Files.readAllBytes(path));
            }
        }
    }

    /** The names of all classes whose name begins so. */
    static List<String> classes(String prefix) throws IOException {
        return files(prefix.replace('.', '/'), ".class").keySet().stream()
                .map(name -> name.replaceAll("\\.class$", "").replace('/', '.'))
                .toList();
    }
}

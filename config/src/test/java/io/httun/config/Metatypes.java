// SPDX-License-Identifier: Apache-2.0
package io.httun.config;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What the Metatype resources of all our bundles say, by PID. */
final class Metatypes {
    /** A PID's annotation type and its attributes. */
    record Metatype(Class<?> type, Map<String, Attribute> attributes) {}

    private Metatypes() {}

    static Map<String, Metatype> read() throws Exception {
        Map<String, Metatype> found = new TreeMap<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(entry);
            if (Files.isDirectory(path)) {
                readAll(path, found);
            } else if (path.getFileName().toString().startsWith("io.httun.")) {
                try (FileSystem jar = FileSystems.newFileSystem(path)) {
                    readAll(jar.getPath("/"), found);
                }
            }
        }
        return found;
    }

    private static void readAll(Path root, Map<String, Metatype> found) throws Exception {
        Path folder = root.resolve("OSGI-INF/metatype");
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> listed = Files.list(folder)) {
            files = listed.toList();
        }
        for (Path file : files) {
            read(parse(file), found);
        }
    }

    private static Document parse(Path file) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        try (InputStream in = Files.newInputStream(file)) {
            return factory.newDocumentBuilder().parse(in);
        } catch (IOException e) {
            throw new IOException("cannot read " + file, e);
        }
    }

    private static void read(Document document, Map<String, Metatype> found) throws ClassNotFoundException {
        Element ocd = elements(document.getElementsByTagName("OCD")).get(0);
        Class<?> type = Class.forName(ocd.getAttribute("id"));
        Map<String, Attribute> attributes = new LinkedHashMap<>();
        for (Element ad : elements(ocd.getElementsByTagName("AD"))) {
            String name = ad.getAttribute("id");
            attributes.put(name, Attribute.of(name, ad.getAttribute("description"), type));
        }
        for (Element designate : elements(document.getElementsByTagName("Designate"))) {
            String pid = designate.hasAttribute("factoryPid")
                    ? designate.getAttribute("factoryPid")
                    : designate.getAttribute("pid");
            found.put(pid, new Metatype(type, attributes));
        }
    }

    private static List<Element> elements(NodeList nodes) {
        return IntStream.range(0, nodes.getLength())
                .mapToObj(nodes::item)
                .map(Element.class::cast)
                .toList();
    }
}

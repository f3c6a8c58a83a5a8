// SPDX-License-Identifier: Apache-2.0
package io.httun.docs;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** The configuration properties of all bundles: from their Metatype resources, with the defaults of the annotations behind these. */
final class ConfigurationProperties {
    /** @param defaultText as one would write it in a file; null where the property is required */
    record Property(String name, String type, String description, String defaultText) {}

    private ConfigurationProperties() {}

    /** By PID. */
    static Map<String, List<Property>> read() throws IOException {
        Map<String, List<Property>> found = new TreeMap<>();
        for (Map.Entry<String, byte[]> file :
                ClassPath.files("OSGI-INF/metatype/", ".xml").entrySet()) {
            Document document = parse(file.getKey(), file.getValue());
            for (Element designate : elements(document.getElementsByTagName("Designate"))) {
                String pid = designate.hasAttribute("factoryPid")
                        ? designate.getAttribute("factoryPid")
                        : designate.getAttribute("pid");
                if (pid.startsWith("io.httun.")) {
                    found.put(pid, properties(document));
                }
            }
        }
        return found;
    }

    private static Document parse(String name, byte[] content) throws IOException {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        try {
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return factory.newDocumentBuilder().parse(new ByteArrayInputStream(content));
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException("cannot read " + name, e);
        }
    }

    private static List<Property> properties(Document document) {
        Element definition = elements(document.getElementsByTagName("OCD")).get(0);
        Map<String, Method> methods = methods(definition.getAttribute("id"));
        return elements(definition.getElementsByTagName("AD")).stream()
                .map(attribute -> property(attribute, methods.get(attribute.getAttribute("id"))))
                .toList();
    }

    private static Map<String, Method> methods(String annotation) {
        try {
            Map<String, Method> methods = new LinkedHashMap<>();
            for (Method method : Class.forName(annotation).getDeclaredMethods()) {
                methods.put(method.getName().replace("$", "").replace('_', '.'), method);
            }
            return methods;
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Property property(Element attribute, Method method) {
        Class<?> type = method.getReturnType();
        String word =
                type.isArray() ? "list" : type == String.class ? "text" : type == boolean.class ? "flag" : "number";
        return new Property(
                attribute.getAttribute("id"),
                word,
                attribute.getAttribute("description"),
                text(method.getDefaultValue()));
    }

    private static String text(Object value) {
        if (value instanceof Object[] array) {
            return Arrays.stream(array).map(Object::toString).collect(Collectors.joining(", "));
        }
        return value == null ? null : value.toString();
    }

    private static List<Element> elements(NodeList nodes) {
        return IntStream.range(0, nodes.getLength())
                .mapToObj(nodes::item)
                .map(Element.class::cast)
                .toList();
    }

    /** The id of a property's row. */
    static String anchor(String pid, String property) {
        return pid + '.' + property;
    }

    /** The table of a PID. */
    static String html(String pid, List<Property> properties) {
        return "<table class=\"properties\"><thead><tr><th>property</th><th>meaning</th><th>default</th></tr></thead><tbody>\n"
                + properties.stream().map(property -> row(pid, property)).collect(Collectors.joining())
                + "</tbody></table>";
    }

    private static String row(String pid, Property property) {
        String value = Stream.ofNullable(property.defaultText())
                .map(text -> text.isEmpty() ? "empty" : "<code>" + Html.escape(text) + "</code>")
                .findFirst()
                .orElse("required");
        return "<tr id=\"" + anchor(pid, property.name()) + "\"><td><a href=\"#" + anchor(pid, property.name())
                + "\"><code>" + property.name() + "</code></a><br><small>" + property.type() + "</small></td><td>"
                + Html.escape(withoutDefault(property.description())) + "</td><td>" + value + "</td></tr>\n";
    }

    /** The default has a column of its own. */
    static String withoutDefault(String description) {
        return description.replaceAll(" Default: [^;]*$| Required\\.$", "");
    }
}

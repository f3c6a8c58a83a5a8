// SPDX-License-Identifier: Apache-2.0
package io.httun.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.Heading;
import org.commonmark.node.Node;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;

/**
 * A page in Markdown.
 *
 * @param file where it is, or would be if it were not generated; absolute
 * @param title its first heading
 * @param anchors id of each heading, in their order
 */
record MarkdownPage(Path file, String title, Node document, Map<Heading, String> anchors) {
    private static final Parser PARSER =
            Parser.builder().extensions(List.of(TablesExtension.create())).build();

    static MarkdownPage read(Path file) throws IOException {
        return of(file.toAbsolutePath().normalize(), Files.readString(file));
    }

    static MarkdownPage of(Path file, String markdown) {
        Node document = PARSER.parse(markdown);
        Map<Heading, String> anchors = new LinkedHashMap<>();
        Map<String, Integer> used = new HashMap<>();
        for (Heading heading : all(document, Heading.class)) {
            String anchor = anchor(text(heading));
            int before = used.merge(anchor, 1, Integer::sum) - 1;
            anchors.put(heading, before == 0 ? anchor : anchor + "-" + before);
        }
        if (anchors.isEmpty()) {
            throw new IllegalArgumentException(file + " has no heading");
        }
        return new MarkdownPage(file, text(anchors.keySet().iterator().next()), document, anchors);
    }

    /** The name of its page in the site. */
    String page() {
        return file.getFileName().toString().toLowerCase(Locale.ROOT).replaceAll("\\.md$", ".html");
    }

    /** The id that forges give a heading, so that a link works there and in the site. */
    private static String anchor(String heading) {
        return heading.toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}_ -]", "")
                .replace(' ', '-');
    }

    static String text(Node node) {
        StringBuilder text = new StringBuilder();
        node.accept(new AbstractVisitor() {
            @Override
            public void visit(Text part) {
                text.append(part.getLiteral());
            }

            @Override
            public void visit(Code part) {
                text.append(part.getLiteral());
            }
        });
        return text.toString();
    }

    /** All nodes of a type below a node, in the order of the text. */
    static <N extends Node> List<N> all(Node root, Class<N> type) {
        List<N> found = new ArrayList<>();
        for (Node child = root.getFirstChild(); child != null; child = child.getNext()) {
            if (type.isInstance(child)) {
                found.add(type.cast(child));
            }
            found.addAll(all(child, type));
        }
        return found;
    }
}

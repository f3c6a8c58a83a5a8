// SPDX-License-Identifier: Apache-2.0
package io.httun.docs;

import com.google.gson.Gson;
import java.util.ArrayList;
import java.util.List;
import org.commonmark.node.Code;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Node;
import org.commonmark.node.Text;

/** What the search of the site looks through: one entry for each section and property. */
final class SearchIndex {
    /**
     * @param u address of the section
     * @param p title of its page
     * @param t its heading
     * @param x its text
     */
    record Entry(String u, String p, String t, String x) {}

    private final List<Entry> entries = new ArrayList<>();

    void add(MarkdownPage page) {
        String heading = page.title();
        String address = page.page();
        StringBuilder text = new StringBuilder();
        for (Node block = page.document().getFirstChild(); block != null; block = block.getNext()) {
            if (block instanceof Heading next) {
                add(address, page.title(), heading, text.toString());
                text.setLength(0);
                heading = MarkdownPage.text(next);
                address = page.page() + '#' + page.anchors().get(next);
            } else {
                append(text, block);
            }
        }
        add(address, page.title(), heading, text.toString());
    }

    void add(String address, String page, String title, String text) {
        if (!text.isBlank()) {
            entries.add(
                    new Entry(address, page, title, text.replaceAll("\\s+", " ").strip()));
        }
    }

    private static void append(StringBuilder text, Node node) {
        if (node instanceof Text part) {
            text.append(part.getLiteral());
        } else if (node instanceof Code part) {
            text.append(part.getLiteral());
        } else if (node instanceof FencedCodeBlock part) {
            text.append(part.getLiteral());
        } else if (node instanceof IndentedCodeBlock part) {
            text.append(part.getLiteral());
        } else if (!(node instanceof HtmlBlock)) {
            for (Node child = node.getFirstChild(); child != null; child = child.getNext()) {
                append(text, child);
            }
            text.append(' ');
        }
    }

    /** A script rather than JSON: a page that is opened as a file may not load JSON. */
    String script() {
        return "window.searchIndex = " + new Gson().toJson(entries) + ";\n";
    }
}

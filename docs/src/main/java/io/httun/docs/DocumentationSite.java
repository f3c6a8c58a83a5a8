// SPDX-License-Identifier: Apache-2.0
package io.httun.docs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.commonmark.ext.gfm.tables.TableBlock;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.Code;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.ListBlock;
import org.commonmark.node.Node;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * Makes the documentation site of {@code docs/*.md}, the console's commands and the configuration's properties. {@code docs/index.md} is its first
 * page, and its lists are the side bar.
 */
public final class DocumentationSite {
    private static final List<String> ASSETS = List.of("site.css", "site.js");

    private final Path repository;
    private final Path output;
    private final Map<Path, MarkdownPage> pages = new LinkedHashMap<>();
    private final SearchIndex search = new SearchIndex();
    private final Map<String, Class<?>> commands;
    private final Map<String, List<ConfigurationProperties.Property>> properties;

    private DocumentationSite(Path repository, Path output) throws IOException {
        this.repository = repository.toAbsolutePath().normalize();
        this.output = output;
        commands = ShellCommands.find("io.httun.");
        properties = ConfigurationProperties.read();
    }

    /** @param arguments folder of the repository, folder of the site */
    public static void main(String[] arguments) throws IOException {
        new DocumentationSite(Path.of(arguments[0]), Path.of(arguments[1])).write();
    }

    private void write() throws IOException {
        clean();
        MarkdownPage index = MarkdownPage.read(repository.resolve("docs/index.md"));
        appendGenerated(index);
        addPage(index);
        for (Link link : MarkdownPage.all(index.document(), Link.class)) {
            Path target = RepositoryLink.of(index.file(), link.getDestination())
                    .orElseThrow()
                    .target();
            if (!pages.containsKey(target)) {
                addPage(MarkdownPage.read(target));
            }
        }
        String navigation = navigation(index);
        for (MarkdownPage page : List.copyOf(pages.values())) {
            write(page, navigation);
        }
        for (String asset : ASSETS) {
            Files.writeString(output.resolve(asset), resource(asset));
        }
        Files.writeString(output.resolve("search-index.js"), search.script());
    }

    private void clean() throws IOException {
        if (Files.exists(output)) {
            List<Path> old;
            try (Stream<Path> walked = Files.walk(output)) {
                old = walked.filter(Files::isRegularFile).toList();
            }
            for (Path file : old) {
                Files.delete(file);
            }
        }
        Files.createDirectories(output);
    }

    /** Adds the generated pages, and links to them at the end of the last list of the index, which is that of the reference. */
    private void appendGenerated(MarkdownPage index) throws IOException {
        List<MarkdownPage> generated = List.of(
                MarkdownPage.of(repository.resolve("docs/commands.md"), ShellCommands.reference()),
                MarkdownPage.of(repository.resolve("docs/command-line.md"), CommandLine.reference(repository)));
        List<ListBlock> lists = MarkdownPage.all(index.document(), ListBlock.class);
        Node reference = lists.get(lists.size() - 1);
        for (MarkdownPage page : generated) {
            addPage(page);
            String item =
                    "# x\n\n- [" + page.title() + "](" + page.file().getFileName() + "): generated from the program\n";
            reference.appendChild(
                    MarkdownPage.all(MarkdownPage.of(page.file(), item).document(), ListBlock.class)
                            .get(0)
                            .getFirstChild());
        }
    }

    private void addPage(MarkdownPage page) {
        pages.put(page.file(), page);
    }

    /** The headings of the index, with the links below each. */
    private String navigation(MarkdownPage index) {
        StringBuilder html = new StringBuilder();
        for (Node block = index.document().getFirstChild(); block != null; block = block.getNext()) {
            if (block instanceof Heading heading && heading.getLevel() == 2) {
                html.append("<h2>")
                        .append(Html.escape(MarkdownPage.text(heading)))
                        .append("</h2>\n");
            } else if (block instanceof ListBlock) {
                html.append("<ul>\n");
                for (Link link : MarkdownPage.all(block, Link.class)) {
                    MarkdownPage page = pages.get(RepositoryLink.of(index.file(), link.getDestination())
                            .orElseThrow()
                            .target());
                    html.append("<li><a href=\"")
                            .append(page.page())
                            .append("\">")
                            .append(Html.escape(MarkdownPage.text(link)))
                            .append("</a></li>\n");
                }
                html.append("</ul>\n");
            }
        }
        return html.toString();
    }

    private void write(MarkdownPage page, String navigation) throws IOException {
        search.add(page);
        insertProperties(page);
        for (Link link : MarkdownPage.all(page.document(), Link.class)) {
            link.setDestination(address(page, link.getDestination()));
        }
        for (Image image : MarkdownPage.all(page.document(), Image.class)) {
            image.setDestination(address(page, image.getDestination()));
        }
        linkCommands(page);
        HtmlRenderer renderer = HtmlRenderer.builder()
                .extensions(List.of(TablesExtension.create()))
                .attributeProviderFactory(context -> (node, tag, attributes) -> {
                    if (node instanceof Heading heading) {
                        attributes.put("id", page.anchors().get(heading));
                    } else if (tag.equals("pre") && node instanceof FencedCodeBlock block) {
                        caption(block.getInfo(), attributes);
                    }
                })
                .build();
        String here = "<a href=\"" + page.page() + "\"";
        Files.writeString(
                output.resolve(page.page()),
                resource("page.html")
                        .replace("@title@", Html.escape(page.title()))
                        .replace("@navigation@", navigation.replace(here, here + " aria-current=\"page\""))
                        .replace("@sections@", sections(page))
                        .replace("@content@", wide(renderer.render(page.document()))));
    }

    /** {@code sh terminal 1} is what is typed in a terminal, {@code text terminal 1} what it shows. */
    private static void caption(String info, Map<String, String> attributes) {
        int terminal = info.indexOf(" terminal ");
        if (terminal > 0) {
            attributes.put("data-caption", info.substring(terminal + 1) + (info.startsWith("text") ? " shows" : ""));
        }
    }

    /** Tables scroll by themselves where they are wider than a phone. */
    private static String wide(String html) {
        return html.replace("<table", "<div class=\"wide\"><table").replace("</table>", "</table></div>");
    }

    private static String sections(MarkdownPage page) {
        StringBuilder html = new StringBuilder();
        page.anchors().forEach((heading, anchor) -> {
            if (heading.getLevel() == 2) {
                html.append("<li><a href=\"#")
                        .append(anchor)
                        .append("\">")
                        .append(Html.escape(MarkdownPage.text(heading)))
                        .append("</a></li>\n");
            }
        });
        return html.toString();
    }

    /** Puts the generated table of each PID in the place of the one in the text. */
    private void insertProperties(MarkdownPage page) {
        for (Heading heading : page.anchors().keySet()) {
            String pid = MarkdownPage.text(heading).replace("~NAME", "");
            List<ConfigurationProperties.Property> there = properties.get(pid);
            if (there == null || !page.file().endsWith("docs/configuration.md")) {
                continue;
            }
            Node next = heading.getNext();
            while (!(next instanceof TableBlock)) {
                next = next.getNext();
            }
            HtmlBlock table = new HtmlBlock();
            table.setLiteral(ConfigurationProperties.html(pid, there));
            next.insertAfter(table);
            next.unlink();
            for (ConfigurationProperties.Property property : there) {
                search.add(
                        page.page() + '#' + ConfigurationProperties.anchor(pid, property.name()),
                        pid,
                        property.name(),
                        property.description());
            }
        }
    }

    /** The address in the site of what a page of the repository links to. */
    private String address(MarkdownPage page, String destination) throws IOException {
        RepositoryLink link = RepositoryLink.of(page.file(), destination).orElse(null);
        if (link == null) {
            return destination;
        }
        String anchor = link.anchor().isEmpty() ? "" : '#' + link.anchor();
        if (link.target().equals(page.file())) {
            return anchor;
        }
        MarkdownPage other = pages.get(link.target());
        return other != null ? other.page() + anchor : copy(link.target());
    }

    /** Copies a file or the files of a folder into the site. */
    private String copy(Path source) throws IOException {
        String name = "files/" + repository.relativize(source);
        Path copied = output.resolve(name);
        if (Files.isRegularFile(source)) {
            Files.createDirectories(copied.getParent());
            Files.copy(source, copied, StandardCopyOption.REPLACE_EXISTING);
            return name;
        }
        Files.createDirectories(copied);
        List<Path> files;
        try (Stream<Path> listed = Files.list(source)) {
            files = listed.filter(Files::isRegularFile).sorted().toList();
        }
        StringBuilder list = new StringBuilder();
        for (Path file : files) {
            copy(file);
            String fileName = Html.escape(file.getFileName().toString());
            list.append("<li><a href=\"" + fileName + "\">" + fileName + "</a></li>\n");
        }
        String title = Html.escape(repository.relativize(source).toString());
        Files.writeString(
                copied.resolve("index.html"),
                "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>" + title + "</title>\n<h1>"
                        + title + "</h1>\n<ul>\n" + list + "</ul>\n</html>\n");
        return name + "/index.html";
    }

    /** The name of a command leads to its description. */
    private void linkCommands(MarkdownPage page) {
        if (page.page().equals("commands.html")) {
            return;
        }
        for (Code code : new ArrayList<>(MarkdownPage.all(page.document(), Code.class))) {
            String name = code.getLiteral().split(" ", 2)[0];
            if (commands.containsKey(name) && !(code.getParent() instanceof Link)) {
                Link link = new Link("commands.html#" + name.replace(":", ""), null);
                code.insertAfter(link);
                link.appendChild(code);
            }
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = DocumentationSite.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}

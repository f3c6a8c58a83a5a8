// SPDX-License-Identifier: Apache-2.0
package io.httun.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.HtmlInline;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every link leads somewhere: to pages, to their headings, to files of the repository. Other hosts are not asked. */
class LinksTest {
    private static final Pattern ATTRIBUTE = Pattern.compile("\\b(href|src)=\"([^\"]*)\"");
    private static final Pattern ID = Pattern.compile("\\bid=\"([^\"]*)\"");
    private static final Pattern MENTION = Pattern.compile("\\bdocs/[a-z0-9-]+\\.md(?:#[a-z0-9-]+)?");
    private static final Pattern TEXT_FILE =
            Pattern.compile(".*\\.(java|cfg|example|md|yml|sh|service|xml|conf)|.*/(httun|Containerfile|run)");

    /** It names pages that exist in the site only. */
    private static final Path GENERATOR = Repository.ROOT.resolve("docs/src");

    private static final Map<Path, Collection<String>> ANCHORS = new HashMap<>();
    private static final Map<Path, Set<String>> IDS = new HashMap<>();

    static List<Path> pages() throws IOException {
        return Repository.pages();
    }

    static List<Path> sitePages() throws IOException {
        return Repository.sitePages();
    }

    private static List<String> destinations(MarkdownPage page) {
        List<String> found = new ArrayList<>();
        MarkdownPage.all(page.document(), Link.class).forEach(link -> found.add(link.getDestination()));
        MarkdownPage.all(page.document(), Image.class).forEach(image -> found.add(image.getDestination()));
        MarkdownPage.all(page.document(), HtmlInline.class)
                .forEach(html -> ATTRIBUTE.matcher(html.getLiteral()).results().forEach(m -> found.add(m.group(2))));
        MarkdownPage.all(page.document(), HtmlBlock.class)
                .forEach(html -> ATTRIBUTE.matcher(html.getLiteral()).results().forEach(m -> found.add(m.group(2))));
        return found;
    }

    private static boolean leadsSomewhere(Path page, String destination) throws IOException {
        RepositoryLink link = RepositoryLink.of(page, destination).orElse(null);
        if (link == null) {
            return destination.matches("https?://\\S+\\.\\S+");
        }
        return link.target().startsWith(Repository.ROOT)
                && Files.exists(link.target())
                && (link.anchor().isEmpty()
                        || link.target().toString().endsWith(".md")
                                && anchors(link.target()).contains(link.anchor()));
    }

    private static Collection<String> anchors(Path page) throws IOException {
        if (!ANCHORS.containsKey(page)) {
            ANCHORS.put(page, MarkdownPage.read(page).anchors().values());
        }
        return ANCHORS.get(page);
    }

    private static List<String> broken(MarkdownPage page) throws IOException {
        List<String> broken = new ArrayList<>();
        for (String destination : destinations(page)) {
            if (!leadsSomewhere(page.file(), destination)) {
                broken.add(destination);
            }
        }
        return broken;
    }

    @ParameterizedTest
    @MethodSource("pages")
    void ofAPageLeadSomewhere(Path page) throws IOException {
        assertThat(broken(MarkdownPage.read(page))).isEmpty();
    }

    @Test
    void thatAreBrokenAreFound() throws IOException {
        MarkdownPage page = MarkdownPage.of(
                Repository.ROOT.resolve("docs/x.md"),
                "# A `b`, c\n\n"
                        + "[1](#a-b-c) [2](#a) [3](y.md) [4](security.md#limits) [5](security.md#limit) [6](../config)"
                        + " [7](../../config) ![8](images/none.png) <img src=\"none\">\n");
        assertThat(page.anchors()).containsValue("a-b-c");
        assertThat(broken(page).stream().filter(link -> !link.equals("#a-b-c")))
                .containsExactly("#a", "y.md", "security.md#limit", "../../config", "images/none.png", "none");
    }

    @Test
    void inCommentsOfOtherFilesLeadSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        int found = 0;
        for (Path file : Repository.files()) {
            if (file.startsWith(GENERATOR)
                    || !TEXT_FILE.matcher(file.toString()).matches()) {
                continue;
            }
            for (MatchResult mention :
                    MENTION.matcher(Files.readString(file)).results().toList()) {
                found++;
                if (!leadsSomewhere(Repository.ROOT.resolve("x"), mention.group())) {
                    broken.add(file + ": " + mention.group());
                }
            }
        }
        assertThat(found).isGreaterThan(20);
        assertThat(broken).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("sitePages")
    void ofTheSiteLeadSomewhereInIt(Path page) throws IOException {
        String html = Files.readString(page);
        List<String> broken = new ArrayList<>();
        for (MatchResult attribute : ATTRIBUTE.matcher(html).results().toList()) {
            String destination = attribute.group(2).replace("&amp;", "&");
            if (destination.matches("https?:.*")) {
                assertThat(attribute.group(1)).as(destination).isEqualTo("href");
                continue;
            }
            String[] parts = destination.split("#", 2);
            Path target =
                    parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
            boolean there = Files.isRegularFile(target)
                    && target.startsWith(Repository.SITE)
                    && (parts.length == 1 || ids(target).contains(parts[1]));
            if (!there) {
                broken.add(destination);
            }
        }
        assertThat(broken).isEmpty();
    }

    private static Set<String> ids(Path page) throws IOException {
        if (IDS.containsKey(page)) {
            return IDS.get(page);
        }
        List<String> ids = ID.matcher(Files.readString(page))
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toList());
        assertThat(new HashSet<>(ids)).as("ids of " + page).hasSameSizeAs(ids);
        IDS.put(page, Set.copyOf(ids));
        return IDS.get(page);
    }
}

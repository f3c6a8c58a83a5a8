// SPDX-License-Identifier: Apache-2.0
package io.httun.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.commonmark.node.Link;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The site as a reader gets it, without any other host. */
class SiteTest {
    private static final long SECONDS = 300;

    @TempDir
    Path folder;

    @Test
    void hasEveryPageOfTheRepository() throws IOException {
        MarkdownPage index = MarkdownPage.read(Repository.ROOT.resolve("docs/index.md"));
        List<Path> linked = MarkdownPage.all(index.document(), Link.class).stream()
                .map(link -> RepositoryLink.of(index.file(), link.getDestination())
                        .orElseThrow()
                        .target())
                .toList();
        List<Path> pages = new ArrayList<>(Repository.pages());
        pages.removeAll(List.of(Repository.ROOT.resolve("README.md"), index.file()));
        assertThat(pages).hasSizeGreaterThan(20).allSatisfy(page -> {
            assertThat(linked).contains(page);
            assertThat(Repository.SITE.resolve(MarkdownPage.read(page).page())).isRegularFile();
        });
        assertThat(Files.readString(Repository.SITE.resolve("security.html")))
                .contains("<h2>Tutorial</h2>", "<h2>How-to</h2>", "<h2>Explanation</h2>", "<h2>Reference</h2>")
                .contains("<a href=\"security.html\" aria-current=\"page\">");
    }

    @Test
    void loadsNothingFromElsewhere() throws IOException {
        try (Stream<Path> files = Files.list(Repository.SITE)) {
            for (Path file : files.filter(f -> f.toString().matches(".*\\.(html|css|js)"))
                    .toList()) {
                assertThat(Files.readString(file))
                        .as(file.toString())
                        .doesNotContainPattern("(?:src=\"|url\\(|@import|<link [^>]*href=\")\\s*['\"]?(?:https?:)?//");
            }
        }
    }

    @Test
    void findsWhatIsSearchedFor() throws Exception {
        Path chromium = Path.of("/usr/bin/chromium");
        assumeThat(chromium).as("chromium is not there").isExecutable();
        assertThat(results("resume.seconds")).contains("configuration.html#io.httun.server.resume.seconds");
        assertThat(results("xyzzyx")).contains("Nothing found");
    }

    private String results(String words) throws Exception {
        Path output = folder.resolve("dom.html");
        Process browser = new ProcessBuilder(
                        "/usr/bin/chromium",
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--no-first-run",
                        "--user-data-dir=" + folder.resolve("profile"),
                        "--virtual-time-budget=10000",
                        "--dump-dom",
                        Repository.SITE.resolve("index.html").toUri() + "?search=" + words)
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(browser.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            browser.destroyForcibly().waitFor();
        }
        String dom = Files.readString(output, StandardCharsets.UTF_8);
        return dom.substring(dom.indexOf("id=\"results\""), dom.indexOf("</ol>"));
    }
}

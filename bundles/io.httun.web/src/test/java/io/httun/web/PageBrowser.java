// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** The Chromium of this machine. Nothing is loaded from elsewhere: both programs are named by their paths. */
final class PageBrowser implements AutoCloseable {
    /** On a loaded machine a browser takes its time. */
    static final Duration LIMIT = Duration.ofSeconds(90);

    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static final Path SHOTS = Path.of("target/screenshots");

    private final ChromeDriver driver;

    PageBrowser() {
        for (Path program : List.of(CHROMIUM, DRIVER)) {
            Assumptions.assumeTrue(Files.isExecutable(program), program + " is not there");
        }
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        logs.enable(LogType.PERFORMANCE, Level.ALL);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(CHROMIUM.toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--no-first-run",
                "--window-size=1440,900");
        options.setCapability("goog:loggingPrefs", logs);
        driver = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(new File(DRIVER.toString()))
                        .build(),
                options);
        driver.manage().timeouts().pageLoadTimeout(LIMIT).scriptTimeout(LIMIT);
    }

    void open(String url) {
        driver.get(url);
    }

    /** Leaves the page and forgets whoever was logged in. A page that is still open would notice, and load again at any time. */
    void forgetLogin() {
        open("about:blank");
        driver.executeCdpCommand("Network.clearBrowserCookies", Map.of());
    }

    void login(PageRig rig, String user) {
        open(rig.url());
        find("[name=user]").sendKeys(user);
        find("[name=password]").sendKeys(PageRig.PASSWORD + Keys.ENTER);
        awaitView("overview");
    }

    /** @param hash of a view, as {@code connections/users} */
    void view(String hash) {
        driver.executeScript("location.hash = arguments[0]", hash);
        awaitView(hash);
    }

    private void awaitView(String hash) {
        String ready = hash.substring(hash.indexOf('/') + 1);
        await().atMost(LIMIT)
                .ignoreExceptions()
                .until(() -> ready.equals(script("return document.body.dataset.ready")));
    }

    WebElement find(String css) {
        await().atMost(LIMIT).ignoreExceptions().until(() -> driver.findElement(By.cssSelector(css))
                .isDisplayed());
        return driver.findElement(By.cssSelector(css));
    }

    List<WebElement> all(String css) {
        return driver.findElements(By.cssSelector(css));
    }

    String text(String css) {
        return String.valueOf(script(
                "const found = document.querySelector(arguments[0]); return found ? found.textContent : ''", css));
    }

    void awaitText(String css, String words) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(text(css)).contains(words));
    }

    void press(CharSequence keys) {
        driver.switchTo().activeElement().sendKeys(keys);
    }

    Object script(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    String title() {
        return driver.getTitle();
    }

    String url() {
        return driver.getCurrentUrl();
    }

    boolean frameHas(String css) {
        driver.switchTo().frame(0);
        try {
            return !all(css).isEmpty();
        } finally {
            driver.switchTo().defaultContent();
        }
    }

    /** @param scheme {@code dark} or {@code light} */
    void prefer(String scheme) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    void size(int width, int height, boolean phone) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", phone));
    }

    void usualSize() {
        size(1440, 900, false);
    }

    void shoot(String name) {
        try {
            Files.createDirectories(SHOTS);
            Files.write(SHOTS.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** What the browser has complained about since the last call: blocked scripts, styles, errors. Refused logins are none. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(entry -> entry.getMessage())
                .filter(message -> !message.contains("the server responded with a status of 4"))
                .toList();
    }

    /** The URLs that were asked for since the last call. */
    List<String> requests() {
        return driver.manage().logs().get(LogType.PERFORMANCE).getAll().stream()
                .map(entry -> JsonParser.parseString(entry.getMessage())
                        .getAsJsonObject()
                        .getAsJsonObject("message"))
                .filter(message -> message.get("method").getAsString().equals("Network.requestWillBeSent"))
                .map(PageBrowser::url)
                .toList();
    }

    private static String url(JsonObject message) {
        return message.getAsJsonObject("params")
                .getAsJsonObject("request")
                .get("url")
                .getAsString();
    }

    @Override
    public void close() {
        driver.quit();
    }
}

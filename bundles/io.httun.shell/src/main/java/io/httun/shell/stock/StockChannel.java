// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.stock;

import io.httun.api.config.ConfigException;
import io.httun.api.crypto.SharedSecret;
import io.httun.shell.access.CfgText;
import io.httun.shell.access.NewSecret;
import io.httun.shell.access.StagedFiles;
import io.httun.toolkit.config.BasicCredentials;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The common part of the channels of both ends, for conversion into files of ours. */
final class StockChannel {
    static final int MAX_ID = 32_767;
    private static final Pattern HEADER = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+\\s*:[ -~]*");

    private final StockTable table;
    private final Path etc;
    private final String name;
    private final int id;
    private final SharedSecret secret;
    private final CfgText cfg = new CfgText();
    private final List<String> notes = new ArrayList<>();

    StockChannel(StockTable table, Path etc, String name, int id) {
        this.table = table;
        this.etc = etc;
        this.name = name;
        this.id = id;
        String hex = table.text("shared-secret").orElseThrow(() -> table.wrong("shared-secret", "is required"));
        try {
            secret = SharedSecret.ofHex(hex);
        } catch (ConfigException e) {
            throw table.wrong("shared-secret", "must be 64 hex digits, got " + hex.length() + " characters");
        }
    }

    /** @throws ConfigException if there is none, or it is out of range */
    static int id(StockTable table) {
        return table.number("id", 0, MAX_ID).orElseThrow(() -> table.wrong("id", "is required"));
    }

    String name() {
        return name;
    }

    CfgText cfg() {
        return cfg;
    }

    SharedSecret secret() {
        return secret;
    }

    /** Notes: settings that could not be expressed, and hints. */
    List<String> notes() {
        return notes;
    }

    void begin(StagedFiles files, String source) {
        files.addSecret(etc.resolve("httun").resolve(name + ".key"), NewSecret.hex(secret) + "\n");
        cfg.comment("Imported from " + source + ". Every property is explained in docs/configuration.md.")
                .line()
                .set("name", name)
                .set("id", "" + id)
                .setVerbatim("secret.file", "${karaf.etc}/httun/" + name + ".key");
    }

    void window(StockFile file) {
        file.root()
                .table("parameters")
                .flatMap(parameters -> parameters.table("receive"))
                .flatMap(receive -> receive.number("window-length", 1, MAX_ID))
                .ifPresent(length -> cfg.set("window.length", "" + length));
    }

    /** Sets a list, unless an element would be read as something else. */
    void list(StockTable from, String key, String property, List<String> values) {
        if (values.stream().anyMatch(value -> value.contains(",") || !isPlain(value) || value.isEmpty())) {
            notes.add(from.comment(key, "an element with a comma, \\, $ or control characters cannot be written here"));
        } else if (!values.isEmpty()) {
            cfg.set(property, String.join(", ", values));
        }
    }

    void headers(StockTable http, List<String> belongToUs) {
        http.list("extra-headers").ifPresent(headers -> {
            List<String> good = new ArrayList<>();
            for (String header : headers) {
                String field = header.replaceAll(":.*", "").strip().toLowerCase(Locale.ROOT);
                if (HEADER.matcher(header).matches() && !belongToUs.contains(field)) {
                    good.add(header.strip());
                } else {
                    notes.add(http.comment(
                            "extra-headers", "'" + field + "' is no header that can be set here; the others are"));
                }
            }
            list(http, "extra-headers", "extra.headers", good);
        });
    }

    void basicAuth(StagedFiles files, StockTable http) {
        Optional<StockTable> auth = http.table("basic-auth");
        if (auth.isEmpty()) {
            return;
        }
        String user = auth.get().text("user").orElseThrow(() -> auth.get().wrong("user", "is required"));
        Optional<String> password = auth.get().text("password");
        if (password.filter(text -> text.equalsIgnoreCase(NewSecret.hex(secret)))
                .isPresent()) {
            throw auth.get().wrong("password", "must not be the shared secret: it travels in the clear");
        }
        String line = user + ':' + password.orElse("");
        if (password.isEmpty()
                || user.isEmpty()
                || line.startsWith("#")
                || !line.equals(line.strip())
                || !isCredential(user, line)) {
            notes.add(http.comment(
                    "basic-auth",
                    "needs a user without colon and a password: write user:password into a file"
                            + " of mode 0600, and name it with basic.auth.file"));
            return;
        }
        files.addSecret(etc.resolve("httun").resolve(name + ".auth"), line + "\n");
        cfg.setVerbatim("basic.auth.file", "${karaf.etc}/httun/" + name + ".auth");
    }

    private static boolean isCredential(String user, String line) {
        try {
            new BasicCredentials(user, line.substring(user.length() + 1));
            return true;
        } catch (ConfigException e) {
            return false;
        }
    }

    static boolean isPlain(String value) {
        try {
            CfgText.check("", value);
            return true;
        } catch (ConfigException e) {
            return false;
        }
    }

    /** Ends the file: what it does not say stands behind as comments. */
    void end(StagedFiles files, String pid) {
        notes.addAll(table.unknown());
        if (!notes.isEmpty()) {
            cfg.line().comment("Of the stock file, not taken as it was:");
            notes.forEach(cfg::comment);
        }
        files.add(etc.resolve(pid + "-" + name + ".cfg"), cfg.toString());
    }
}

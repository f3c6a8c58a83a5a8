// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.stock;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import io.httun.api.config.ConfigException;
import io.httun.shell.access.CfgText;
import io.httun.toolkit.config.ConfiguredFile;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A TOML file of the stock program. It may contain anything: errors are one sentence with the line. */
final class StockFile {
    private static final Pattern CHANNEL = Pattern.compile("\\s*\\[\\[\\s*[\"']?channels[\"']?\\s*]].*");
    private static final int MAX_CHANNELS = 32_768;

    private final String name;
    private final String[] lines;
    private final StockTable root;
    private final List<StockTable> channels = new ArrayList<>();

    private StockFile(String name, String text, JsonNode tree) {
        this.name = name;
        this.lines = text.split("\r?\n", -1);
        this.root = new StockTable(this, -1, "", tree);
    }

    /** @throws ConfigException with file, line and what to do */
    static StockFile read(Path file) {
        String name = CfgText.printable(String.valueOf(file.getFileName()));
        byte[] bytes = ConfiguredFile.read("FILE", file.toString());
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ConfigException(
                    name + ": is not UTF-8 text: name the server.toml or client.toml of the stock program");
        }
        JsonNode tree;
        try {
            tree = new TomlMapper().readTree(text);
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            throw new ConfigException(name + ": line " + (at == null ? 1 : Math.max(1, at.getLineNr()))
                    + ": is not TOML (" + firstLine(e.getOriginalMessage()) + "): correct the line");
        }
        StockFile read = new StockFile(name, text, tree);
        List<JsonNode> tables = read.root.tables("channels");
        if (tables.isEmpty()) {
            throw new ConfigException(
                    name + ": has no [[channels]]: name the server.toml or client.toml of the stock program");
        } else if (tables.size() > MAX_CHANNELS) {
            throw new ConfigException(name + ": has " + tables.size() + " channels, more than there are ids");
        }
        for (int i = 0; i < tables.size(); i++) {
            read.channels.add(new StockTable(read, i, "", tables.get(i)));
        }
        return read;
    }

    private static String firstLine(String message) {
        return CfgText.printable(String.valueOf(message).lines().findFirst().orElse(""))
                .replaceAll("[0-9A-Fa-f]{32,}", "***");
    }

    String name() {
        return name;
    }

    StockTable root() {
        return root;
    }

    List<StockTable> channels() {
        return channels;
    }

    /** Where a key most likely is, as the parser does not tell: behind the head of its channel, or that head. */
    int line(int channel, String key) {
        int begin = begin(channel);
        String last = key.substring(key.lastIndexOf('.') + 1);
        Pattern wanted = Pattern.compile("(.*[\\s.{,\"'])?" + Pattern.quote(last) + "[\"']?\\s*[=\\].].*");
        for (int i = begin; i < lines.length; i++) {
            if (i > begin && CHANNEL.matcher(lines[i]).matches()) {
                break;
            }
            if (wanted.matcher(lines[i]).matches() && !lines[i].stripLeading().startsWith("#")) {
                return i + 1;
            }
        }
        return begin + 1;
    }

    private int begin(int channel) {
        int seen = -1;
        for (int i = 0; i < lines.length && channel >= 0; i++) {
            if (CHANNEL.matcher(lines[i]).matches() && ++seen == channel) {
                return i;
            }
        }
        return 0;
    }

    ConfigException wrong(int channel, String key, String what) {
        return new ConfigException(name + ": line " + line(channel, key) + ": " + key + " " + what);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.toolkit.config.AtomicFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The counts of one channel on disk: a line for each change. The last whole line counts; a killed process leaves at
 * worst half a line. The file is rewritten with its last line before it grows beyond a bound. Used by one thread at a time.
 */
final class UsageJournal {
    private static final Logger LOG = LoggerFactory.getLogger(UsageJournal.class);
    /** Some 1,000 lines, which are 17 minutes of traffic. */
    private static final int MAX_BYTES = 1 << 16;

    private final Path file;
    private long size;

    UsageJournal(Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }

    /** The last good counts; zero if there are none. Logs damaged lines. */
    UsageCounts load() {
        String text;
        try {
            text = tail();
        } catch (NoSuchFileException e) {
            return UsageCounts.NONE;
        } catch (IOException e) {
            LOG.error(
                    "{} cannot be read ({}): its channel counts from 0; correct the file's permissions",
                    file,
                    e.toString());
            return UsageCounts.NONE;
        }
        Optional<UsageCounts> last = Optional.empty();
        int number = 0;
        int damaged = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            Optional<UsageCounts> counts = UsageCounts.parse(line);
            if (counts.isPresent()) {
                last = counts;
            } else if (!line.isEmpty()) {
                damaged = number;
            }
        }
        if (damaged > 0) {
            LOG.error(
                    "{}: line {} is damaged or from another version: its channel counts from {}; delete the file to"
                            + " count from 0",
                    file,
                    damaged,
                    last.map(counts -> "the last good line (" + counts.month() + " bytes this month)")
                            .orElse("0, as no line is good"));
        }
        UsageCounts counts = last.orElse(UsageCounts.NONE);
        // The next line must not be appended to half a line, nor to a whole one without its end.
        boolean open = !text.isEmpty() && !text.endsWith("\n");
        size = open || damaged > 0 || size > MAX_BYTES ? Long.MAX_VALUE : size;
        return counts;
    }

    /** The file, or its end if it has become too long. */
    private String tail() throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            size = in.length();
            int length = (int) Math.min(size, MAX_BYTES);
            byte[] bytes = new byte[length];
            in.seek(size - length);
            in.readFully(bytes);
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            return length < size ? text.substring(text.indexOf('\n') + 1) : text;
        }
    }

    void append(UsageCounts counts) throws IOException {
        String line = counts.line() + "\n";
        if (size > MAX_BYTES - line.length()) {
            AtomicFile.replace(file, line);
            size = line.length();
            return;
        }
        Files.createDirectories(file.getParent());
        Files.writeString(file, line, StandardCharsets.US_ASCII, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        size += line.length();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.stock;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.httun.api.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** A file of the stock program makes files of ours in their folder, or none and a message of one line. */
class StockImportFuzzTest {
    @TempDir
    static Path folder;

    @FuzzTest(maxDuration = "5s")
    void server(byte[] input) throws IOException {
        imports(input, StockImport.End.SERVER);
        imports(input, StockImport.End.CLIENT);
    }

    private static void imports(byte[] input, StockImport.End end) throws IOException {
        Path toml = Files.write(folder.resolve("stock.toml"), input);
        Path etc = Files.createDirectories(folder.resolve("etc"));
        try {
            StockImport.Result result = StockImport.run(toml, etc, Optional.of(end), new HashMap<>());
            for (Path path : result.written()) {
                if (!path.normalize().startsWith(etc)) {
                    throw new AssertionError("written outside of etc: " + path);
                }
            }
        } catch (ConfigException expected) {
            if (expected.getMessage().lines().count() != 1) {
                throw new AssertionError(expected.getMessage());
            }
            if (!files(etc).isEmpty()) {
                throw new AssertionError("refused, and yet written: " + files(etc));
            }
        }
        for (Path file : files(folder)) {
            Files.delete(file);
        }
    }

    private static List<Path> files(Path below) throws IOException {
        try (Stream<Path> all = Files.walk(below)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }
}

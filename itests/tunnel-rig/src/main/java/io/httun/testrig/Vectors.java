// SPDX-License-Identifier: Apache-2.0
package io.httun.testrig;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The vectors recorded from the stock programs, which lie beside the repository: {@code ../shared}, or {@code -Dhttun.shared}. */
public final class Vectors {
    private Vectors() {}

    /** Skips the test where they are missing. */
    public static JsonObject load(String file) throws IOException {
        Optional<Path> path = Stream.concat(
                        Stream.ofNullable(System.getProperty("httun.shared")).map(Path::of),
                        Stream.iterate(Path.of("").toAbsolutePath(), folder -> folder != null, Path::getParent)
                                .map(folder -> folder.resolve("shared")))
                .map(folder -> folder.resolve("wire/vectors").resolve(file))
                .filter(Files::exists)
                .findFirst();
        assumeTrue(path.isPresent(), "Skipped: no " + file + " in ../shared/wire/vectors or below -Dhttun.shared");
        return JsonParser.parseString(Files.readString(path.get())).getAsJsonObject();
    }

    public static Stream<JsonObject> objects(JsonElement array) {
        return StreamSupport.stream(((JsonArray) array).spliterator(), false).map(JsonElement::getAsJsonObject);
    }

    /** Empty where there is no such field. */
    public static byte[] hex(JsonObject vector, String field) {
        return vector.has(field) ? HexFormat.of().parseHex(vector.get(field).getAsString()) : new byte[0];
    }

    public static String text(JsonObject vector, String field) {
        return vector.has(field) ? vector.get(field).getAsString() : "";
    }
}

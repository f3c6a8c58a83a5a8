// SPDX-License-Identifier: Apache-2.0
package io.httun.listener.login;

import io.httun.api.config.ConfigException;
import io.httun.api.config.SecretFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Users and the hashes of their passwords, one {@code user:hash} a line. Read again when the file changes; while it is
 * wrong, the users of before stay.
 */
final class UsersFile implements Realm {
    private static final Logger LOG = LoggerFactory.getLogger(UsersFile.class);
    private static final String PROPERTY = "users.file";

    /** @param costs one hash of each cost, so that an unknown user takes as long as a known one */
    private record Users(Map<String, PasswordHash> hashes, Map<String, PasswordHash> costs) {}

    /** What changes when a file does; the key tells a file that was moved into place from the one before. */
    private record Stamp(Object key, long modified, long size) {
        static Stamp of(Path file) throws IOException {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(now.fileKey(), now.lastModifiedTime().toMillis(), now.size());
        }
    }

    private final String file;
    private volatile Users users;
    private Stamp stamp;
    private long version;

    /** @throws ConfigException naming the line, without its content, if the file is wrong */
    UsersFile(String file) {
        this.file = file;
        this.users = read(file);
        this.stamp = stamp();
    }

    /** One hash of every cost in the file is computed, whoever asks. */
    @Override
    public boolean accepts(String user, String password) {
        Users now = users;
        PasswordHash own = now.hashes().get(user);
        boolean known = own != null && own.matches(password);
        now.costs().forEach((cost, decoy) -> {
            if (own == null || !cost.equals(own.cost())) {
                decoy.matches(password);
            }
        });
        return known;
    }

    @Override
    public synchronized long version() {
        Stamp found = stamp();
        if (!found.equals(stamp)) {
            stamp = found;
            try {
                users = read(file);
                version++;
                LOG.info("{} has changed: {} users", file, users.hashes().size());
            } catch (ConfigException e) {
                LOG.error(
                        "{}; the {} users of before stay",
                        e.getMessage(),
                        users.hashes().size());
            }
        }
        return version;
    }

    private Stamp stamp() {
        try {
            return Stamp.of(Path.of(file));
        } catch (IOException e) {
            LOG.debug("Cannot look at {}", file, e);
            return new Stamp("", 0, 0);
        }
    }

    private static Users read(String file) {
        Map<String, PasswordHash> hashes = new HashMap<>();
        Map<String, PasswordHash> costs = new HashMap<>();
        List<String> lines = SecretFile.readText(PROPERTY, file).lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            int colon = line.indexOf(':');
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            } else if (colon < 1) {
                throw wrong(file, i, "must be USER:HASH");
            }
            try {
                PasswordHash hash = PasswordHash.parse(line.substring(colon + 1));
                costs.putIfAbsent(hash.cost(), hash);
                if (hashes.put(line.substring(0, colon), hash) != null) {
                    throw wrong(file, i, "the user is there twice");
                }
            } catch (IllegalArgumentException e) {
                throw wrong(file, i, e.getMessage());
            }
        }
        if (hashes.isEmpty()) {
            throw new ConfigException(PROPERTY, file, "holds no user");
        }
        return new Users(Map.copyOf(hashes), Map.copyOf(costs));
    }

    private static ConfigException wrong(String file, int index, String expected) {
        return new ConfigException(PROPERTY, file, "line " + (index + 1) + ": " + expected);
    }

    @Override
    public String toString() {
        return users.hashes().size() + " users of " + file;
    }
}

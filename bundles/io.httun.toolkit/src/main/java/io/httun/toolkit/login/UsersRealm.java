// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.login;

import io.httun.api.config.ConfigException;
import io.httun.api.status.Problem;
import io.httun.toolkit.config.SecretFile;
import io.httun.toolkit.config.WatchedFiles;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Users and the hashes of their passwords, one {@code user:hash} a line. Read again when the file changes; while it is
 * wrong, the previous users stay.
 */
final class UsersRealm implements Realm {
    private static final String PROPERTY = "users.file";

    /** 250 ms: a login that takes longer lets few clients block all login threads. */
    private static final long MAX_MICROS = 250_000;

    /** @param costs one hash of each cost, so that an unknown user takes as long as a known one */
    private record Users(Map<String, PasswordHash> hashes, Map<String, PasswordHash> costs) {}

    private final String file;
    private final WatchedFiles<Users> users;
    private volatile long version;

    /** @throws ConfigException naming the line, without its content, if the file is wrong */
    UsersRealm(String file) {
        this.file = file;
        this.users = new WatchedFiles<>(() -> "users.file " + file, () -> read(file));
        users.load();
        users.start(changed -> version++);
    }

    /** One hash of every cost in the file is computed, for unknown users, too. */
    @Override
    public boolean accepts(String user, String password) {
        Users now = users.content();
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
    public long version() {
        return version;
    }

    @Override
    public List<Problem> problems() {
        return users.problems();
    }

    /** The content is watched, so the same file is the same realm. */
    @Override
    public boolean equals(Object other) {
        return other instanceof UsersRealm that && file.equals(that.file);
    }

    @Override
    public int hashCode() {
        return file.hashCode();
    }

    private static Users read(String file) {
        Map<String, PasswordHash> hashes = new HashMap<>();
        Map<String, PasswordHash> costs = new HashMap<>();
        long micros = 0;
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
                if (costs.putIfAbsent(hash.cost(), hash) == null) {
                    micros += hash.micros();
                }
                if (micros > MAX_MICROS) {
                    throw wrong(file, i, tooSlow(hash, micros));
                }
                if (hashes.put(line.substring(0, colon), hash) != null) {
                    throw wrong(file, i, "names the user twice");
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

    private static String tooSlow(PasswordHash hash, long micros) {
        return "the hash takes about " + hash.micros() / 1000 + " ms"
                + (hash.micros() == micros ? "" : ", with those above " + micros / 1000 + " ms")
                + " of work for each login (one hash of each cost is computed); the limit is " + MAX_MICROS / 1000
                + " ms. Lower the cost: bcrypt 12 alone or 11 with others, or fewer SCRAM iterations";
    }

    private static ConfigException wrong(String file, int index, String expected) {
        return new ConfigException(PROPERTY, file, "line " + (index + 1) + ": " + expected);
    }

    @Override
    public String toString() {
        return users.content().hashes().size() + " users of " + file;
    }
}

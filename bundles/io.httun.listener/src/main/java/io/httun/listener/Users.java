// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.config.BasicCredentials;
import io.httun.api.config.ConfigException;
import io.httun.api.config.SecretFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Who may use a listener. Every user is compared every time, so that the time says nothing about who is among them. */
final class Users {
    private static final String PROPERTY = "users.file";

    private final List<BasicCredentials> users;

    private Users(List<BasicCredentials> users) {
        this.users = List.copyOf(users);
    }

    /** @throws ConfigException naming the line, without its content, if the file is wrong */
    static Optional<Users> read(String file) {
        if (file.isEmpty()) {
            return Optional.empty();
        }
        List<BasicCredentials> users = new ArrayList<>();
        for (String line : SecretFile.readLines(PROPERTY, file)) {
            int colon = line.indexOf(':');
            if (colon < 1 || line.chars().anyMatch(Character::isISOControl)) {
                throw new ConfigException(PROPERTY, file, "entry " + (users.size() + 1) + " must be user:password");
            }
            users.add(new BasicCredentials(line.substring(0, colon), line.substring(colon + 1)));
        }
        return Optional.of(new Users(users));
    }

    /** @param header value of a {@code Proxy-Authorization} header; empty where there is none */
    boolean accept(String header) {
        boolean known = false;
        for (BasicCredentials user : users) {
            known |= user.matches(header);
        }
        return known;
    }

    boolean accept(String user, String password) {
        try {
            return accept(new BasicCredentials(user, password).headerValue());
        } catch (ConfigException e) {
            // Characters that no entry can have.
            return false;
        }
    }

    @Override
    public String toString() {
        return users.size() + " users";
    }
}

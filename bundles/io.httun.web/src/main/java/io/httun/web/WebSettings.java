// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.web.AllowedPeers;
import io.httun.toolkit.web.PublishedServlet;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the page is configured to be.
 *
 * @param path of the page
 * @param access to it
 * @param hosts names of this host, in lower case
 * @param realm of the users
 * @param readers roles that may see the page
 * @param actors roles that may act too
 */
record WebSettings(
        String path, AllowedPeers access, Set<String> hosts, String realm, Set<String> readers, Set<String> actors) {
    static WebSettings read(Map<String, ?> properties) {
        return StrictConfig.read(
                WebConfig.class,
                properties,
                config -> new WebSettings(
                        PublishedServlet.path("path", config.path()),
                        AllowedPeers.of("access", config.access()),
                        lowerCase(config.hosts()),
                        filled("realm", config.realm(), List.of(config.realm())),
                        Set.copyOf(roles("roles.read", config.roles_read())),
                        Set.copyOf(roles("roles.act", config.roles_act()))));
    }

    private static List<String> roles(String property, String... roles) {
        filled(property, String.join(",", roles), List.of(roles));
        return List.of(roles);
    }

    private static String filled(String property, String value, Collection<String> words) {
        if (words.isEmpty() || words.stream().anyMatch(String::isBlank)) {
            throw new ConfigException(property, value, "must not be empty");
        }
        return value;
    }

    private static Set<String> lowerCase(String... names) {
        Set<String> lower = new TreeSet<>();
        List.of(names).forEach(name -> lower.add(name.toLowerCase(Locale.ROOT)));
        return Collections.unmodifiableSet(lower);
    }

    boolean mayRead(Set<String> roles) {
        return mayAct(roles) || !Collections.disjoint(roles, readers);
    }

    boolean mayAct(Set<String> roles) {
        return !Collections.disjoint(roles, actors);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.access;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.Hours;
import io.httun.toolkit.config.Quantity;
import io.httun.toolkit.config.RelayPolicies;
import io.httun.toolkit.net.NetworkSet;
import io.httun.toolkit.status.Services;
import io.httun.toolkit.tunnel.TunnelLink;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A new channel: its key file, its configuration and, where its user may reach more than others, its own filter. */
public record Invitation(TunnelLink link, StagedFiles files) {
    private static final int MAX_ID = 32_767;
    private static final String DEFAULT = "default";
    private static final String FILTERS = "io.httun.filter.address";

    /** The deny list of the installed default filter. */
    private static final String DENY =
            "loopback, private, link-local, multicast, reserved, cloud-metadata, this-host, local-networks";

    /**
     * Prepares a channel; {@link StagedFiles#write} makes it.
     *
     * @param allow networks that this user may reach beside public addresses; empty for none
     * @param limits properties of the channel, such as {@code quota}, with their values
     * @throws ConfigException if there is such a channel, or an option is wrong
     */
    public static Invitation prepare(
            Services services, Path etc, String name, String url, String allow, Map<String, String> limits) {
        if (!TunnelLink.isName(name)) {
            throw new ConfigException(
                    "NAME",
                    CfgText.printable(name),
                    "must be 1 to 64 of A-Z a-z 0-9 - _ . with a letter or digit first");
        }
        Configurations channels = Configurations.ofChannels(services);
        if (channels.find(name).isPresent()) {
            throw new ConfigException("There is a channel named " + name
                    + " already: take another name, or give it a new secret with httun:channel-rotate " + name);
        }
        new ClusterWord(services).checkNew(name);
        check(limits);
        TunnelLink link = new TunnelLink(url, name, freeId(channels), NewSecret.make());
        StagedFiles files = new StagedFiles().addSecret(keyFile(etc, name), NewSecret.hex(link.secret()) + "\n");
        if (!allow.isEmpty()) {
            files.add(filterFile(etc, name), filter(services, name, allow));
        }
        files.add(
                etc.resolve("io.httun.channel-" + name + ".cfg"),
                channel(link, allow.isEmpty() ? DEFAULT : name, limits));
        return new Invitation(link, files);
    }

    public static Path keyFile(Path etc, String name) {
        return etc.resolve("httun").resolve(name + ".key");
    }

    /** The filter of a user who may reach more than others. */
    public static Path filterFile(Path etc, String name) {
        return etc.resolve(FILTERS + "-" + name + ".cfg");
    }

    private static void check(Map<String, String> limits) {
        limits.forEach((key, value) -> {
            CfgText.check(key, value);
            List<String> words = words(value);
            switch (key) {
                case "quota" -> words.forEach(word -> Quantity.bytes(key, word.replaceFirst("/.*", "")));
                case "hours" -> words.forEach(word -> Hours.parse(key, word));
                case "sources" -> NetworkSet.required(key, words);
                case "policy" -> RelayPolicies.parse(key, words.toArray(String[]::new));
                default -> {
                    // The server checks it, and the command waits for the server.
                }
            }
        });
    }

    private static List<String> words(String value) {
        return Arrays.stream(value.split(","))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** 0 is what a client has that names none. */
    private static int freeId(Configurations channels) {
        Set<String> taken =
                channels.all().map(each -> Configurations.value(each, "id")).collect(Collectors.toSet());
        return IntStream.rangeClosed(1, MAX_ID)
                .filter(id -> !taken.contains("" + id))
                .findFirst()
                .orElseThrow(() -> new ConfigException("Every channel id is taken: delete a channel"));
    }

    private static String channel(TunnelLink link, String filter, Map<String, String> limits) {
        CfgText text = new CfgText()
                .comment("The channel of one user, made by httun:channel-add. Every property is explained in")
                .comment("etc/httun/io.httun.channel-home.cfg.example and docs/configuration.md.")
                .line()
                .set("name", link.name())
                .set("id", "" + link.id())
                .setVerbatim("secret.file", "${karaf.etc}/httun/" + link.name() + ".key")
                .set("filters", filter)
                .comment("For httun:test and httun:join, which try the tunnel.")
                .set("test", "true");
        limits.forEach(text::setUnlessEmpty);
        return text.toString();
    }

    /** Denies what the default filter denies at the moment, but for what this user may reach. */
    private static String filter(Services services, String name, String allow) {
        CfgText.check("--allow", allow);
        NetworkSet.required("--allow", words(allow));
        Configurations filters = Configurations.ofFactory(services, FILTERS, "filter");
        if (filters.find(name).isPresent()) {
            throw new ConfigException(
                    "There is a filter named " + name + " already: take another name for the channel");
        }
        String deny = filters.find(DEFAULT)
                .map(each -> Configurations.value(each, "deny"))
                .orElse(DENY);
        String before = filters.find(DEFAULT)
                .map(each -> Configurations.value(each, "allow"))
                .orElse("");
        return new CfgText()
                .comment("What the user of channel " + name
                        + " may reach, made by httun:channel-add: as the filter default,")
                .comment("and what allow names.")
                .line()
                .set("name", name)
                .set("deny", deny)
                .set("allow", before.isEmpty() ? allow : before + ", " + allow)
                .toString();
    }
}

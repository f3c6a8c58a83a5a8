// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.stock;

import io.httun.api.config.ConfigException;
import io.httun.shell.access.CfgText;
import io.httun.shell.access.NewSecret;
import io.httun.shell.access.StagedFiles;
import io.httun.toolkit.config.AtomicFile;
import io.httun.toolkit.config.InterfaceName;
import io.httun.toolkit.net.NetworkSet;
import io.httun.toolkit.tunnel.TunnelLink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Makes configurations of ours of a {@code server.toml} or {@code client.toml}: all files, or none. */
public final class StockImport {
    /** Which end a file is of. */
    public enum End {
        SERVER,
        CLIENT
    }

    /** The files written, and the parts of the stock file that could not be converted exactly. */
    public record Result(End end, List<Path> written, List<String> notes) {}

    private static final List<String> SERVER_ONLY = List.of("tun", "enable-test", "l7-tunnel");
    private static final List<String> CLIENT_ONLY = List.of("urls", "alias");
    private static final List<String> SERVERS_HEADERS = List.of(
            "content-length", "content-type", "transfer-encoding", "connection", "cache-control", "retry-after");
    private static final List<String> CLIENTS_HEADERS =
            List.of("content-length", "transfer-encoding", "connection", "expect", "upgrade", "te", "trailer");
    private static final UUID NIL = new UUID(0, 0);
    private static final UUID MAX = new UUID(-1, -1);

    private final StockFile file;
    private final Path etc;
    private final StagedFiles files = new StagedFiles();
    private final List<String> notes = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private final Map<String, String> secrets = new HashMap<>();

    private StockImport(StockFile file, Path etc) {
        this.file = file;
        this.etc = etc;
    }

    /**
     * Imports a file.
     *
     * @param wanted which end it is of; empty to tell it by its options
     * @param takenIds ids of the channels that this server has already, with their names
     * @throws ConfigException with file, line and what to do; nothing has been written then
     */
    public static Result run(Path toml, Path etc, Optional<End> wanted, Map<Integer, String> takenIds) {
        StockFile file = StockFile.read(toml);
        StockImport run = new StockImport(file, etc);
        End end = wanted.orElseGet(run::end);
        Optional<UUID> uuid = run.uuid();
        for (StockTable channel : file.channels()) {
            if (end == End.SERVER) {
                run.serverChannel(channel, takenIds);
            } else {
                run.clientChannel(channel, uuid);
            }
        }
        run.notes.addAll(file.root().unknown().stream()
                .map(note -> file.name() + ": " + note)
                .toList());
        Optional<Path> server = end == End.SERVER && uuid.isPresent() ? run.serverUuid(uuid.get()) : Optional.empty();
        run.files.write();
        List<Path> written = new ArrayList<>(run.files.paths());
        server.ifPresent(path -> run.changeServer(path, uuid.orElseThrow(), written));
        return new Result(end, written, run.notes);
    }

    private End end() {
        boolean server =
                file.channels().stream().anyMatch(each -> SERVER_ONLY.stream().anyMatch(each::has));
        boolean client =
                file.channels().stream().anyMatch(each -> CLIENT_ONLY.stream().anyMatch(each::has));
        if (server != client) {
            return server ? End.SERVER : End.CLIENT;
        } else if (file.name().startsWith("server") || file.name().startsWith("client")) {
            return file.name().startsWith("server") ? End.SERVER : End.CLIENT;
        }
        throw new ConfigException(
                file.name() + ": has " + (server ? "options of both ends" : "no option of one end only")
                        + ": say which one it is of with --server or --client");
    }

    private Optional<UUID> uuid() {
        return file.root().text("uuid").map(text -> {
            try {
                UUID uuid = UUID.fromString(text);
                if (text.length() == 36 && !uuid.equals(NIL) && !uuid.equals(MAX)) {
                    return uuid;
                }
            } catch (IllegalArgumentException e) {
                throw wrongUuid();
            }
            throw wrongUuid();
        });
    }

    private ConfigException wrongUuid() {
        return file.wrong(-1, "uuid", "must be a UUID other than nil and max: make one with httun gen-uuid");
    }

    /** A name for files: the wanted one if it can be one, and different from the others. */
    private String name(String wanted, int id) {
        String base = TunnelLink.isName(wanted) ? wanted : "stock-" + id;
        String name = names.contains(base) ? "stock-" + id : base;
        for (int i = 2; !names.add(name); i++) {
            name = "stock-" + id + "." + i;
        }
        return name;
    }

    private void keep(StockChannel channel) {
        channel.notes().forEach(note -> notes.add(channel.name() + ": " + note));
    }

    private void serverChannel(StockTable table, Map<Integer, String> takenIds) {
        int id = StockChannel.id(table);
        if (takenIds.containsKey(id)) {
            throw table.wrong(
                    "id", "is that of channel " + takenIds.get(id) + " already; ids must be unique on a server");
        }
        StockChannel channel = new StockChannel(table, etc, name("", id), id);
        takenIds(takenIds, id, channel, table);
        channel.begin(files, file.name());
        channel.window(file);
        CfgText cfg = channel.cfg();
        table.flag("disabled").filter(off -> off).ifPresent(off -> cfg.set("enabled", "false"));
        table.flag("enable-test").filter(on -> on).ifPresent(on -> cfg.set("test", "true"));
        l7(table, channel);
        table.text("tun").ifPresent(device -> tun(table, channel, device));
        table.table("http").ifPresent(http -> {
            channel.basicAuth(files, http);
            channel.headers(http, SERVERS_HEADERS);
            for (String key : List.of("allow-compression", "ignore-tls-errors")) {
                http.flag(key).ifPresent(flag -> channel.notes().add(http.comment(key, "is an option of clients")));
            }
        });
        for (String key : CLIENT_ONLY) {
            if (table.has(key)) {
                channel.notes().add(table.comment(key, "is an option of clients"));
            }
        }
        table.list("urls");
        table.text("alias");
        channel.end(files, "io.httun.channel");
        keep(channel);
    }

    private void takenIds(Map<Integer, String> takenIds, int id, StockChannel channel, StockTable table) {
        takenIds.put(id, channel.name());
        String other = secrets.put(NewSecret.hex(channel.secret()), channel.name());
        if (other != null) {
            throw table.wrong("shared-secret", "is that of channel " + other + " too: give each channel its own");
        }
    }

    private void l7(StockTable table, StockChannel channel) {
        Optional<StockTable> l7 = table.table("l7-tunnel");
        if (l7.isEmpty() || l7.get().flag("disabled").orElse(false)) {
            channel.cfg().set("l7", "false");
        }
        if (l7.isEmpty()) {
            return;
        }
        List<String> deny = l7.get().list("address-denylist").orElse(List.of());
        List<String> allow = l7.get().list("address-allowlist").orElse(List.of());
        if (deny.isEmpty()) {
            channel.cfg().set("filters", "none");
            channel.notes()
                    .add(
                            "filters = none: without a deny list the stock server lets clients reach everything, this machine"
                                    + " and its networks included; filters = default is safer");
        } else {
            networks(l7.get(), "address-denylist", deny);
            networks(l7.get(), "address-allowlist", allow);
            files.add(
                    etc.resolve("io.httun.filter.address-" + channel.name() + ".cfg"),
                    new CfgText()
                            .comment("The lists of channel " + channel.name() + ", imported from " + file.name() + ".")
                            .line()
                            .set("name", channel.name())
                            .set("deny", String.join(", ", deny))
                            .setUnlessEmpty("allow", String.join(", ", allow))
                            .toString());
            channel.cfg().set("filters", channel.name());
        }
        l7.get().text("bind-to-interface").ifPresent(device -> bind(l7.get(), channel, device));
    }

    private static void networks(StockTable l7, String key, List<String> list) {
        try {
            NetworkSet.parse(key, list);
        } catch (ConfigException e) {
            throw l7.wrong(key, "holds what is no network: " + CfgText.printable(e.getMessage()));
        }
    }

    private void bind(StockTable l7, StockChannel channel, String device) {
        checkInterface(l7, "bind-to-interface", device);
        files.add(
                etc.resolve("io.httun.connector.direct-" + channel.name() + ".cfg"),
                new CfgText()
                        .comment("The way out of channel " + channel.name() + ", imported from " + file.name() + ".")
                        .line()
                        .set("name", channel.name())
                        .set("bind.interface", device)
                        .toString());
        channel.cfg().set("connector.target", "(name=" + channel.name() + ")");
    }

    private static void checkInterface(StockTable table, String key, String device) {
        try {
            InterfaceName.check(key, device);
            CfgText.check(key, device);
        } catch (ConfigException e) {
            throw table.wrong(key, "must be the name of a network interface, of 1 to 15 bytes");
        }
    }

    private void tun(StockTable table, StockChannel channel, String device) {
        checkInterface(table, "tun", device);
        files.add(
                etc.resolve("io.httun.tun-" + channel.name() + ".cfg"),
                new CfgText()
                        .comment("The TUN device of channel " + channel.name() + ", imported from " + file.name()
                                + "; needs feature:install httun-tun.")
                        .line()
                        .set("name", channel.name())
                        .set("device", device)
                        .toString());
        channel.cfg().set("tun.target", "(name=" + channel.name() + ")");
        channel.notes()
                .add(table.comment(
                        "tun",
                        "needs feature:install httun-tun; addresses and routes can stand in" + " io.httun.tun-"
                                + channel.name() + ".cfg"));
    }

    private void clientChannel(StockTable table, Optional<UUID> uuid) {
        int id = StockChannel.id(table);
        StockChannel channel =
                new StockChannel(table, etc, name(table.text("alias").orElse(""), id), id);
        List<String> urls = table.list("urls").orElse(List.of());
        boolean disabled = table.flag("disabled").orElse(false);
        if (urls.isEmpty() || disabled) {
            notes.add(file.name() + ": line " + file.line(file.channels().indexOf(table), "id") + ": channel " + id
                    + (disabled ? " is disabled" : " has no urls") + ", and was not imported");
            return;
        }
        for (String url : urls) {
            try {
                TunnelLink.checkUrl("urls", url);
            } catch (ConfigException e) {
                throw table.wrong("urls", "must be URLs: " + CfgText.printable(e.getMessage()));
            }
        }
        channel.begin(files, file.name());
        channel.window(file);
        CfgText cfg = channel.cfg();
        cfg.set("urls", String.join(", ", urls));
        uuid.ifPresent(value -> cfg.set("uuid", value.toString()));
        Optional<StockTable> http = table.table("http");
        boolean trusting = http.flatMap(each -> each.flag("ignore-tls-errors")).orElse(true);
        if (trusting && urls.stream().anyMatch(url -> url.startsWith("https:"))) {
            cfg.set("tls.trust", "none");
            channel.notes()
                    .add(
                            "tls.trust = none: certificates are not checked, as ignore-tls-errors says or is without a value;"
                                    + " tls.trust = system is safer");
        }
        http.ifPresent(each -> {
            channel.basicAuth(files, each);
            channel.headers(each, CLIENTS_HEADERS);
            each.flag("allow-compression").filter(on -> on).ifPresent(on -> channel.notes()
                    .add(each.comment(
                            "allow-compression", "encrypted frames do not get smaller, and none is asked for")));
        });
        for (String key : SERVER_ONLY) {
            if (table.has(key)) {
                channel.notes().add(table.comment(key, "is an option of servers"));
            }
        }
        table.text("tun");
        table.flag("enable-test");
        table.table("l7-tunnel").ifPresent(StockTable::ignore);
        channel.end(files, "io.httun.client");
        keep(channel);
    }

    /** The server's file, if the UUID can be put there. */
    private Optional<Path> serverUuid(UUID uuid) {
        Path path = etc.resolve("io.httun.server.cfg");
        if (!Files.exists(path)) {
            files.add(
                    path,
                    new CfgText()
                            .comment("Imported from " + file.name() + ".")
                            .line()
                            .set("uuid", uuid.toString())
                            .toString());
            return Optional.empty();
        }
        String before = CfgText.value(read(path), "uuid");
        if (!before.isEmpty() && !before.equals(uuid.toString())) {
            notes.add(file.name() + ": uuid = " + uuid + ": not taken, as " + path + " has another one");
            return Optional.empty();
        }
        return Optional.of(path);
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new ConfigException(
                    path + " cannot be read, and nothing was written (" + e + "): check its permissions");
        }
    }

    private void changeServer(Path path, UUID uuid, List<Path> written) {
        try {
            AtomicFile.replace(path, CfgText.with(read(path), "uuid", uuid.toString()));
            written.add(path);
        } catch (IOException | ConfigException e) {
            files.undo();
            throw new ConfigException(path + " cannot be written, and nothing was (" + e + "): check its permissions");
        }
    }
}

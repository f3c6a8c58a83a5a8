// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.cluster.ClusterAnswer;
import io.httun.api.cluster.ClusterMember;
import io.httun.api.cluster.ClusterMembers;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.status.ConnectionStatus;
import io.httun.api.status.ConnectorStatus;
import io.httun.api.status.EndpointStatus;
import io.httun.api.status.FilterStatus;
import io.httun.api.status.LimitStatus;
import io.httun.api.status.ListenerStatus;
import io.httun.api.status.PipeStatus;
import io.httun.api.status.RefusalStatus;
import io.httun.api.status.ReverseStatus;
import io.httun.api.status.RouteStatus;
import io.httun.api.status.SessionStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.status.StreamStatus;
import io.httun.api.status.TunStatus;
import io.httun.toolkit.status.Json;
import java.lang.reflect.RecordComponent;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ListCommandsTest {
    private final FakeServices services = new FakeServices().add(StatusSource.class, new Samples());

    record Case(ListCommand<?> command, Class<? extends Record> type, String json) {}

    static Stream<Case> lists() {
        ConnectionListCommand closed = new ConnectionListCommand();
        closed.closed = true;
        return Stream.of(
                new Case(
                        new ChannelListCommand(),
                        ChannelListCommand.ChannelRow.class,
                        """
                        [{"side":"client","name":"away","id":1,"state":"up","sessions":2,"connections":3,"requests":4,\
                        "framesIn":5,"framesOut":6,"bytesIn":7,"bytesOut":8,"refused":9,\
                        "usedToday":0,"usedThisWeek":0,"usedThisMonth":0,"quota":"","expires":"","rotation":""},
                         {"side":"server","name":"home","id":1,"state":"up","sessions":2,"connections":3,"requests":104,\
                        "framesIn":105,"framesOut":106,"bytesIn":107,"bytesOut":108,"refused":9,\
                        "usedToday":21,"usedThisWeek":22,"usedThisMonth":23,"quota":"1gb/day","expires":"2999-12-31",\
                        "rotation":""},
                         {"side":"server","name":"work","id":1,"state":"up","sessions":2,"connections":3,"requests":4,\
                        "framesIn":5,"framesOut":6,"bytesIn":7,"bytesOut":8,"refused":9,\
                        "usedToday":0,"usedThisWeek":0,"usedThisMonth":0,"quota":"","expires":"","rotation":""}]
                        """),
                new Case(
                        new SessionListCommand(),
                        SessionStatus.class,
                        """
                        [{"id":"5e55","side":"server","channel":"home","node":2,"state":"live","ageSeconds":10,"idleSeconds":1,"keySeconds":7,\
                        "framesIn":11,"framesOut":12,"bytesIn":13,"bytesOut":14}]
                        """),
                new Case(
                        new ConnectionListCommand(),
                        ConnectionStatus.class,
                        """
                        [{"id":"c1","origin":"home","target":"example.org:443","state":"open","ageSeconds":10,\
                        "bytesToTarget":11,"bytesFromTarget":12,"end":"","cause":""}]
                        """),
                new Case(
                        closed,
                        ConnectionStatus.class,
                        """
                        [{"id":"c0","origin":"home","target":"10.0.0.1:22","state":"closed","ageSeconds":10,\
                        "bytesToTarget":0,"bytesFromTarget":0,"end":"","cause":"filter \\"default\\"\\u000asays\\u001b[2J no"}]
                        """),
                new Case(
                        new FilterListCommand(),
                        FilterStatus.class,
                        """
                        [{"name":"default","kind":"address","rules":5,"allowed":6,"denied":7}]
                        """),
                new Case(
                        new ListenerListCommand(),
                        ListenerStatus.class,
                        """
                        [{"name":"socks-home","kind":"socks","address":"127.0.0.1:1080","state":"listening",\
                        "connections":1,"accepted":2,"refused":3}]
                        """),
                new Case(
                        new ProxyListCommand(),
                        ProxyListCommand.ProxyRow.class,
                        """
                        [{"way":"in","name":"socks-home","kind":"socks","address":"127.0.0.1:1080","user":"",\
                        "state":"listening","connections":1,"failures":3},
                         {"way":"out","name":"squid","kind":"http","address":"192.0.2.1:3128","user":"work",\
                        "state":"up","connections":51,"failures":52}]
                        """),
                new Case(
                        new EndpointListCommand(),
                        EndpointStatus.class,
                        """
                        [{"name":"default","kind":"cxf","address":"/httun","state":"up","requests":41,"waiting":42}]
                        """),
                new Case(
                        new PipeListCommand(),
                        PipeStatus.class,
                        """
                        [{"id":"9a","name":"home","side":"client","state":"open","streams":3,"roundTripMicros":40100}]
                        """),
                new Case(
                        new StreamListCommand(),
                        StreamStatus.class,
                        """
                        [{"pipe":"9a","side":"client","id":3,"kind":"connection","ageSeconds":61}]
                        """),
                new Case(
                        new ConnectorListCommand(),
                        ConnectorStatus.class,
                        """
                        [{"name":"home","through":"corp","takesNames":true,"takesDatagrams":false}]
                        """),
                new Case(
                        new LimitListCommand(),
                        LimitStatus.class,
                        """
                        [{"part":"relay","name":"connections.max","unit":"connections","used":62,"limit":63}]
                        """),
                new Case(
                        new RefusalListCommand(),
                        RefusalStatus.class,
                        """
                        [{"part":"server","cause":"malformed","count":64}]
                        """),
                new Case(
                        new ReverseListCommand(),
                        ReverseStatus.class,
                        """
                        [{"name":"web","side":"client","listen":"0.0.0.0:8080","target":"127.0.0.1:80",\
                        "state":"waiting","waiting":4,"connections":2,"accepted":9}]
                        """),
                new Case(
                        new TunListCommand(),
                        TunStatus.class,
                        """
                        [{"name":"office","device":"httun-c-0","state":"up","mtu":1400,"addresses":"10.9.0.2/24",\
                        "user":"client office","packetsIn":1,"packetsOut":2,"bytesIn":3,"bytesOut":4,\
                        "drops":"no-peer=5","problem":""}]
                        """),
                new Case(
                        new RouteListCommand(),
                        RouteStatus.class,
                        """
                        [{"name":"office","destination":"10.0.0.0/8","via":"","device":"httun-c-0","kind":"tunnel",\
                        "state":"set"}]
                        """));
    }

    @ParameterizedTest
    @MethodSource("lists")
    void jsonHasEveryColumn(Case list) throws Exception {
        list.command().json = true;
        assertThat(Run.command(list.command(), services)).isEqualToNormalizingNewlines(list.json());
    }

    @ParameterizedTest
    @MethodSource("lists")
    void tableHasEveryComponentAndEveryValue(Case list) throws Exception {
        String table = Run.command(list.command(), services);
        for (RecordComponent component : list.type().getRecordComponents()) {
            assertThat(table.lines().findFirst().orElseThrow()).contains(Rows.heading(component.getName()));
        }
        for (Record row : list.command().rows()) {
            for (Object value : Json.components(row).values()) {
                assertThat(table).contains(value.toString().replaceAll("[\n\u001b]", "?"));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("lists")
    void worksWithoutAnyPart(Case list) throws Exception {
        assertThat(Run.command(list.command(), new FakeServices())).contains("(none)");
        list.command().json = true;
        assertThat(Run.command(list.command(), new FakeServices()).strip()).isEqualTo("[]");
    }

    @Test
    void rowsOfSeveralPartsComeTogether() throws Exception {
        StatusSource other = new StatusSource() {
            @Override
            public List<FilterStatus> filters() {
                return List.of(new FilterStatus("another", "pattern", 1, 2, 3));
            }
        };
        assertThat(Run.command(new FilterListCommand(), services.add(StatusSource.class, other)))
                .containsSubsequence("another", "default");
    }

    @Test
    void statusShowsEverythingAndSumsBySide() throws Exception {
        services.add(FrameCipher.class, null, Map.of(FrameCipher.PROVIDER, "bouncycastle"))
                .add(FrameCipher.class, null, Map.of(FrameCipher.PROVIDER, "jca", "service.ranking", 100));
        assertThat(Run.command(new StatusCommand(), services))
                .containsSubsequence(
                        "Endpoints",
                        "cxf",
                        "Channels",
                        "away",
                        "Listeners",
                        "socks-home",
                        "Crypto",
                        "jca",
                        "bouncycastle",
                        "Totals",
                        "client",
                        "server");
        StatusCommand json = new StatusCommand();
        json.json = true;
        assertThat(Run.command(json, services))
                .contains(
                        "\"cryptoProviders\":[{\"service\":\"FrameCipher\",\"provider\":\"jca\",\"ranking\":100},",
                        "{\"side\":\"server\",\"channels\":2,\"sessions\":4,\"connections\":6,\"requests\":108,"
                                + "\"framesIn\":110,\"framesOut\":112,\"bytesIn\":114,\"bytesOut\":116,\"refused\":18}");
    }

    @Test
    void theWholeModelHasTheRowsThatTheListsHave() throws Exception {
        StatusCommand all = new StatusCommand();
        all.json = true;
        all.all = true;
        String model = Run.command(all, services);
        // Each of these lists joins rows of two kinds.
        Set<Class<?>> joined = Set.of(ProxyListCommand.ProxyRow.class, ChannelListCommand.ChannelRow.class);
        assertThat(model).contains("\"channels\":[{", "\"channelUses\":[{\"channel\":\"home\",\"usedToday\":21,");
        for (Case list : lists().toList()) {
            if (!joined.contains(list.type())) {
                list.command().json = true;
                String rows = Run.command(list.command(), services);
                assertThat(rows.lines()).allSatisfy(row -> assertThat(model)
                        .contains(row.strip().replaceAll("^\\[|[],]*$", "")));
            }
        }
    }

    @Test
    void statusWorksWithoutAnyPart() throws Exception {
        assertThat(Run.command(new StatusCommand(), new FakeServices())).contains("Endpoints", "(none)", "Totals");
    }

    @Test
    void closesASessionWhereverItIs() throws Exception {
        Samples source = new Samples();
        SessionCloseCommand command = new SessionCloseCommand();
        command.id = "5e55";
        FakeServices both = new FakeServices()
                .add(StatusSource.class, new StatusSource() {})
                .add(StatusSource.class, source);
        assertThat(Run.command(command, both)).isEqualToIgnoringNewLines("Closed session 5e55");
        assertThat(source.closed).containsExactly("5e55");
    }

    /** Node 3 has a session, node 4 hangs. */
    private static ClusterMembers cluster() {
        String failure = "node 4 (south) does not answer within 2 s";
        return FakeServices.proxy(
                ClusterMembers.class,
                (method, args) -> CompletableFuture.completedFuture(
                        switch (method) {
                            case "askSessions" ->
                                new ClusterAnswer<>(
                                        List.of(new SessionStatus(
                                                "6e66", "server", "home", 3, "open", 1, 2, 3, 4, 5, 6, 7)),
                                        List.of(failure));
                            default ->
                                new ClusterAnswer<>(
                                        args[0].equals("6e66")
                                                ? List.of(new ClusterMember(
                                                        3, "north", new InetSocketAddress(0), "serving"))
                                                : List.of(),
                                        List.of(failure));
                        }));
    }

    @Test
    void sessionsOfOtherNodesAreListedAndClosed() throws Exception {
        services.add(ClusterMembers.class, cluster());
        SessionListCommand list = new SessionListCommand();
        String table = Run.command(list, services);
        assertThat(table).contains("5e55", "6e66").endsWith("node 4 (south) does not answer within 2 s\n");
        list.json = true;
        assertThat(Run.command(list, services))
                .contains("\"6e66\"", "\"node\":3")
                .doesNotContain("south");
        SessionCloseCommand close = new SessionCloseCommand();
        close.id = "6e66";
        assertThat(Run.command(close, services)).isEqualToIgnoringNewLines("Closed session 6e66 at node 3 (north)");
        close.id = "dead";
        assertThatThrownBy(() -> Run.command(close, services))
                .hasMessage("No session dead; node 4 (south) does not answer within 2 s; see httun:session-list");
    }

    @Test
    void saysThatThereIsNoSuchSession() {
        SessionCloseCommand command = new SessionCloseCommand();
        command.id = "dead";
        assertThatThrownBy(() -> Run.command(command, services)).hasMessage("No session dead; see httun:session-list");
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.cluster.ChannelTally;
import io.httun.api.status.DrainStatus;
import java.net.InetSocketAddress;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodesTest {
    private static final LocalDate DAY = LocalDate.of(2026, 11, 30);

    private final Nodes<String> nodes = new Nodes<>("self");

    private static NodeState state(int node, ChannelTally... tallies) {
        return new NodeState(
                node,
                "n" + node,
                new InetSocketAddress("127.0.0.1", 1),
                DrainStatus.SERVING,
                0,
                new byte[NodeState.HASH_LENGTH],
                List.of(tallies));
    }

    private static ChannelTally tally(LocalDate date, long bytes) {
        return new ChannelTally("home", date, bytes, bytes, bytes);
    }

    @Test
    void aNumberBelongsToTheMemberThatIsThereLongest() {
        nodes.members(List.of("old", "self", "new"));
        NodeState own = state(2);
        nodes.told("self", own);
        nodes.told("new", state(2));
        assertThat(nodes.rival()).isEmpty();
        assertThat(nodes.owners().get(2)).isSameAs(own);
        NodeState old = state(2);
        nodes.told("old", old);
        assertThat(nodes.rival()).containsSame(old);
        assertThat(nodes.owners()).hasSize(1).containsValue(old);
        nodes.members(List.of("self", "new"));
        assertThat(nodes.rival()).isEmpty();
    }

    @Test
    void aMemberWithoutANumberHasNone() {
        nodes.members(List.of("self", "other"));
        nodes.told("self", state(0));
        nodes.told("other", state(0));
        assertThat(nodes.owners()).isEmpty();
        assertThat(nodes.rival()).isEmpty();
        assertThat(nodes.others()).hasSize(1);
    }

    @Test
    void ofAMemberThatIsNotThereOnlyTheCountsAreHeard() {
        nodes.told("gone", state(3, tally(DAY, 10)));
        assertThat(nodes.owners()).isEmpty();
        assertThat(nodes.tallies(1)).containsExactly(tally(DAY, 10));
    }

    @Test
    void countsOnlyGrowAndOutliveTheirMember() {
        nodes.members(List.of("self", "other"));
        nodes.told("other", state(3, tally(DAY, 10)));
        nodes.told("other", state(3, tally(DAY, 8)));
        assertThat(nodes.tallies(1)).containsExactly(tally(DAY, 10));
        nodes.told("other", state(3, tally(DAY.plusDays(1), 2)));
        nodes.told("other", state(3, tally(DAY, 20)));
        nodes.members(List.of("self"));
        assertThat(nodes.tallies(1)).containsExactly(tally(DAY.plusDays(1), 2));
        assertThat(nodes.tallies(3)).isEmpty();
    }
}

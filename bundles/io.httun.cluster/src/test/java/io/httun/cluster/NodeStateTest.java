// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.cluster.ChannelTally;
import io.httun.api.status.DrainStatus;
import java.net.InetSocketAddress;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NodeStateTest {
    private static final LocalDate DAY = LocalDate.of(2026, 11, 30);

    private static NodeState state(List<ChannelTally> tallies) {
        byte[] hash = new byte[NodeState.HASH_LENGTH];
        Arrays.fill(hash, (byte) 7);
        return new NodeState(
                255, "north", new InetSocketAddress("10.0.0.1", 65_535), DrainStatus.DRAINING, 70_000, hash, tallies);
    }

    private static NodeState decode(byte[] bytes) throws NodeState.MalformedException {
        return NodeState.decode(bytes, 0, bytes.length);
    }

    @Test
    void arrivesAsItWasSent() throws NodeState.MalformedException {
        NodeState sent = state(List.of(new ChannelTally("home", DAY, 1, 2, Long.MAX_VALUE)));
        NodeState got = decode(sent.encode());
        assertThat(got.isAs(sent)).isTrue();
        assertThat(got.tallies()).isEqualTo(sent.tallies());
    }

    @Test
    void holdsAsManyChannelsOfTheLongestNameAsItMay() throws NodeState.MalformedException {
        List<ChannelTally> most = IntStream.range(0, NodeState.MAX_TALLIES)
                .mapToObj(i -> new ChannelTally("c".repeat(64), DAY, i, i, i))
                .toList();
        assertThat(decode(state(most).encode()).tallies()).hasSize(NodeState.MAX_TALLIES);
    }

    @Test
    void namesAnotherVersion() {
        byte[] later = state(List.of()).encode();
        later[0] = 2;
        assertThatThrownBy(() -> decode(later))
                .hasMessage("messages of version 2, expected 1; update httun at both servers");
    }

    @Test
    void refusesWhatIsTooLongOrCutOff() {
        assertThatThrownBy(() -> decode(new byte[NodeState.MAX_BYTES + 1])).hasMessageContaining("expected at most");
        byte[] whole = state(List.of(new ChannelTally("home", DAY, 1, 2, 3))).encode();
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> decode(cut)).isInstanceOf(NodeState.MalformedException.class);
        }
        assertThatThrownBy(() -> decode(Arrays.copyOf(whole, whole.length + 1))).hasMessage("1 bytes too many");
    }

    @Test
    void anyDamageIsRefusedOrHarmless() {
        Random random = new Random(1);
        byte[] whole = state(List.of(new ChannelTally("home", DAY, 1, 2, 3))).encode();
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = whole.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            try {
                assertThat(decode(damaged).tallies()).hasSizeLessThanOrEqualTo(NodeState.MAX_TALLIES);
            } catch (NodeState.MalformedException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }
}

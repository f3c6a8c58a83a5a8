// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.cluster.ChannelTally;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Members and what they have told. A number belongs to the member that has it and is in the group longest; all members see the same order.
 * What a channel has carried at a member that has gone still counts. Confined to one thread.
 *
 * @param <M> what membership knows a member by
 */
final class Nodes<M> {
    private final M self;
    private final Map<M, NodeState> states = new HashMap<>();
    private final Map<Integer, Map<String, ChannelTally>> tallies = new HashMap<>();
    private List<M> members;

    Nodes(M self) {
        this.self = self;
        this.members = List.of(self);
    }

    /** @param now all members, the one that is here longest first */
    void members(List<M> now) {
        members = List.copyOf(now);
        states.keySet().retainAll(members);
    }

    /**
     * A member that has left already is not heard, but for what its channels have carried: it says that once, and where parts of a split group come
     * together again, it may be heard before it is known as a member.
     */
    void told(M member, NodeState state) {
        if (members.contains(member)) {
            states.put(member, state);
        }
        if (!member.equals(self)) {
            Map<String, ChannelTally> ofNode = tallies.computeIfAbsent(state.node(), node -> new HashMap<>());
            state.tallies().forEach(tally -> ofNode.merge(tally.channel(), tally, Nodes::later));
        }
    }

    /** Counters grow only: an older message changes nothing. */
    private static ChannelTally later(ChannelTally before, ChannelTally now) {
        boolean older =
                now.date().isBefore(before.date()) || now.date().equals(before.date()) && now.month() < before.month();
        return older ? before : now;
    }

    /** Who has each number. */
    Map<Integer, NodeState> owners() {
        Map<Integer, NodeState> owners = new TreeMap<>();
        for (M member : members) {
            NodeState state = states.get(member);
            if (state != null && state.node() != 0) {
                owners.putIfAbsent(state.node(), state);
            }
        }
        return owners;
    }

    /** The member that has the number of this one; empty while it is its own. */
    Optional<NodeState> rival() {
        NodeState own = states.get(self);
        return own == null || own.node() == 0
                ? Optional.empty()
                : Optional.of(owners().get(own.node())).filter(owner -> owner != own);
    }

    /** Members that have told of themselves, but for this one. */
    List<NodeState> others() {
        List<NodeState> others = new ArrayList<>();
        for (M member : members) {
            if (!member.equals(self) && states.containsKey(member)) {
                others.add(states.get(member));
            }
        }
        return others;
    }

    /** How many members there are, with those that have told nothing yet. */
    int size() {
        return members.size();
    }

    /** What channels have carried at other members, also at those that have gone. */
    Collection<ChannelTally> tallies(int ownNode) {
        return tallies.entrySet().stream()
                .filter(entry -> entry.getKey() != ownNode)
                .flatMap(entry -> entry.getValue().values().stream())
                .toList();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.cluster.ClusterMember;
import io.httun.api.status.NodeStatus;
import io.httun.api.status.Problem;
import io.httun.toolkit.listen.ListenAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * What a member knows of the cluster at one moment, for status and health.
 *
 * @param own what this server has told last
 * @param owners who has each number
 * @param rival who has the number of this server; empty while it is its own
 * @param differing members whose channels differ from those here
 */
record ClusterPicture(
        NodeState own, Map<Integer, NodeState> owners, Optional<NodeState> rival, List<NodeState> differing) {
    private static final String PART = "cluster";

    static ClusterPicture of(NodeState own, Nodes<?> nodes) {
        List<NodeState> differing = nodes.others().stream()
                .filter(each -> !Arrays.equals(each.channels(), own.channels()))
                .toList();
        return new ClusterPicture(own, nodes.owners(), nodes.rival(), differing);
    }

    List<ClusterMember> members() {
        return owners.values().stream()
                .map(each -> new ClusterMember(each.node(), each.name(), each.forwarding(), each.state()))
                .toList();
    }

    /** Members but this one, and the one that has its number. */
    List<ClusterMember> others() {
        return members().stream().filter(each -> each.node() != own.node()).toList();
    }

    /** @param failures what to say of answers by number */
    List<NodeStatus> rows(ForwardCounts counts, IntFunction<String> failures) {
        List<NodeStatus> rows = new ArrayList<>();
        owners.values().forEach(each -> rows.add(row(each, each == own, each.state(), counts, failures)));
        if (rival.isPresent()) {
            rows.add(row(own, true, NodeStatus.REFUSED, counts, failures));
        }
        return rows;
    }

    private static NodeStatus row(
            NodeState of, boolean here, String state, ForwardCounts counts, IntFunction<String> failures) {
        return new NodeStatus(
                of.node(),
                of.name(),
                ListenAddress.text(of.forwarding()),
                here,
                state,
                of.sessions(),
                here ? 0 : counts.sentTo(of.node()),
                here ? 0 : counts.receivedFrom(of.node()),
                here ? "" : failures.apply(of.node()));
    }

    /** That the number of this server is another one's; empty while it is not. */
    String taken() {
        return rival.map(owner -> "node " + owner.node() + " is the number of " + owner.name() + " ("
                        + ListenAddress.text(owner.forwarding()) + "): nothing is forwarded to this server")
                .orElse("");
    }

    List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        if (rival.isPresent()) {
            problems.add(
                    new Problem(PART, taken(), "set node of io.httun.server to another number at one of both servers"));
        }
        if (!differing.isEmpty()) {
            List<String> names = differing.stream()
                    .map(each -> "node " + each.node() + " (" + each.name() + ")")
                    .toList();
            problems.add(new Problem(
                    PART,
                    "channels or their secrets differ at " + String.join(", ", names),
                    "distribute the same io.httun.channel files and key files to all servers"));
        }
        return problems;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.cluster.ClusterAnswer;
import io.httun.api.cluster.ClusterMember;
import io.httun.api.status.SessionStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Asks all other members at once, and keeps what they have answered last of their sessions. Thread-safe; never blocks. */
final class NodeQuestions {
    /** A page asks again before. */
    private static final long KEPT = TimeUnit.SECONDS.toNanos(10);

    /** It becomes a part of a path. */
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9-]{1,64}");

    /**
     * What one member has answered.
     *
     * @param failure with the member's name; empty if the answer is whole
     */
    private record Part<R>(ClusterMember member, List<R> rows, String failure) {
        static <R> Part<R> failed(ClusterMember member, String what) {
            return new Part<>(member, List.of(), sentence(member, what));
        }

        static String sentence(ClusterMember member, String what) {
            return "node " + member.node() + " (" + member.name() + ") " + what;
        }
    }

    private record Latest(ClusterAnswer<SessionStatus> answer, Map<Integer, String> failures, long nanos) {}

    private final ClusterForwarder forwarder;
    private final Supplier<List<ClusterMember>> others;
    private CompletableFuture<ClusterAnswer<SessionStatus>> asking = CompletableFuture.completedFuture(null);
    private volatile Latest latest = new Latest(new ClusterAnswer<>(List.of(), List.of()), Map.of(), System.nanoTime());

    /** @param others members but this one */
    NodeQuestions(ClusterForwarder forwarder, Supplier<List<ClusterMember>> others) {
        this.forwarder = forwarder;
        this.others = others;
    }

    /** As {@link io.httun.api.cluster.ClusterMembers#askSessions}. */
    synchronized CompletableFuture<ClusterAnswer<SessionStatus>> sessions() {
        if (asking.isDone()) {
            asking = all(others.get().stream().map(this::sessionsOf).toList()).thenApply(this::keep);
        }
        return asking.copy();
    }

    private CompletableFuture<Part<SessionStatus>> sessionsOf(ClusterMember member) {
        return forwarder.ask(member.node(), NodeQuestion.sessions()).handle((answer, failure) -> {
            if (failure != null) {
                return Part.failed(member, NodeQuestion.reason(failure));
            }
            if (answer.status() != NodeQuestion.OK) {
                return Part.failed(member, NodeQuestion.unexpected(answer.status()));
            }
            try {
                SessionList list = SessionList.read(answer.body(), member.node());
                int shown = list.rows().size();
                String part = shown == list.total()
                        ? ""
                        : Part.sentence(member, "shows " + shown + " of its " + list.total() + " sessions");
                return new Part<>(member, list.rows(), part);
            } catch (ForwardException e) {
                return Part.failed(member, e.getMessage());
            }
        });
    }

    /** As {@link io.httun.api.cluster.ClusterMembers#askToClose}. */
    CompletableFuture<ClusterAnswer<ClusterMember>> close(String id) {
        if (!ID.matcher(id).matches()) {
            return CompletableFuture.completedFuture(new ClusterAnswer<>(List.of(), List.of()));
        }
        return all(others.get().stream().map(member -> close(member, id)).toList())
                .thenApply(NodeQuestions::together);
    }

    private CompletableFuture<Part<ClusterMember>> close(ClusterMember member, String id) {
        return forwarder.ask(member.node(), NodeQuestion.close(id)).handle((answer, failure) -> {
            if (failure != null) {
                return Part.failed(member, NodeQuestion.reason(failure));
            }
            return switch (answer.status()) {
                case NodeQuestion.NO_CONTENT -> new Part<>(member, List.of(member), "");
                case NodeQuestion.NOT_FOUND -> new Part<>(member, List.of(), "");
                default -> Part.failed(member, NodeQuestion.unexpected(answer.status()));
            };
        });
    }

    private static <R> CompletableFuture<List<Part<R>>> all(List<CompletableFuture<Part<R>>> parts) {
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
                .thenApply(done -> parts.stream().map(CompletableFuture::join).toList());
    }

    private static <R> ClusterAnswer<R> together(List<Part<R>> parts) {
        List<R> rows = new ArrayList<>();
        parts.forEach(part -> rows.addAll(part.rows()));
        return new ClusterAnswer<>(
                rows,
                parts.stream()
                        .map(Part::failure)
                        .filter(failure -> !failure.isEmpty())
                        .toList());
    }

    private ClusterAnswer<SessionStatus> keep(List<Part<SessionStatus>> parts) {
        Map<Integer, String> failures = new HashMap<>();
        parts.forEach(part -> failures.put(part.member().node(), part.failure()));
        ClusterAnswer<SessionStatus> answer = together(parts);
        latest = new Latest(answer, failures, System.nanoTime());
        return answer;
    }

    private Stream<Latest> kept() {
        return Stream.of(latest).filter(last -> System.nanoTime() - last.nanos() < KEPT);
    }

    /** Of other members, as they have answered; empty some time after that. */
    List<SessionStatus> rows() {
        return kept().flatMap(last -> last.answer().rows().stream()).toList();
    }

    /** Why a member's sessions are not among the rows, or not all. */
    String failure(int node) {
        return kept().map(last -> last.failures().getOrDefault(node, ""))
                .findFirst()
                .orElse("");
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import io.httun.api.status.FilterStatus;
import java.util.List;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** What a page shows. Thread-safe. */
final class PageStatus {
    /**
     * One second of a page.
     *
     * @param time of the sample, in milliseconds since 1970
     * @param user who has logged in
     * @param act whether the user may act
     * @param csrf for the actions
     * @param status the verdict
     * @param problems how many there are
     * @param totals of everything
     * @param filters names, for a check
     * @param points of the plots that the page does not have yet
     * @param table the rows that the page shows; without columns where it shows none
     */
    record Data(
            long time,
            String user,
            boolean act,
            String csrf,
            String status,
            int problems,
            Totals totals,
            List<String> filters,
            List<List<Number>> points,
            TableWindow table) {}

    private static final TableWindow NO_TABLE = new TableWindow(List.of(), 0, 0, 0, List.of());
    private static final int MAX_FILTERS = 100;

    private final Observer observer;
    private final OtherNodes nodes;
    private final Tables tables;

    PageStatus(Observer observer, OtherNodes nodes) {
        this.observer = observer;
        this.nodes = nodes;
        this.tables = new Tables(observer::health);
    }

    /** Answers the parameters {@code since}, {@code table} and those of {@link TableQuery}. */
    Data data(HttpServletRequest request, PageSession session) {
        long since = TableQuery.number("since", request.getParameter("since"), 0, Long.MAX_VALUE);
        String name = request.getParameter("table");
        Sample sample = observer.latest();
        return new Data(
                sample.point().millis(),
                session.user(),
                session.mayAct(),
                session.csrf(),
                observer.health().status().name(),
                observer.health().problems().size(),
                Totals.of(sample.snapshot()),
                sample.snapshot().filters().stream()
                        .map(FilterStatus::name)
                        .limit(MAX_FILTERS)
                        .toList(),
                observer.since(since).stream().map(HistoryPoint::numbers).toList(),
                name == null || name.isEmpty() ? NO_TABLE : window(name, sample, request));
    }

    private TableWindow window(String name, Sample sample, HttpServletRequest request) {
        if (name.equals(Tables.SESSIONS)) {
            nodes.askSessions();
        }
        Table<?> table = tables.named(name)
                .orElseThrow(
                        () -> new PageError(HttpServletResponse.SC_BAD_REQUEST, "table must name one of the tables"));
        return TableWindow.of(table, sample, TableQuery.of(table, request::getParameter));
    }
}

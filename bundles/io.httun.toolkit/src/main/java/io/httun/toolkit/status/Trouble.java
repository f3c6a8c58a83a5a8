// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.status;

import io.httun.api.status.Problem;
import io.httun.api.target.RefusedException.Cause;
import java.util.Arrays;
import java.util.Optional;

/**
 * Causes that keep a tunnel from working, and their remedies: the one home of these texts. A message that contains one is shown as it is by the status,
 * the log, the health and {@code httun:probe}; {@code docs/troubleshooting.md} has the same texts.
 */
public enum Trouble {
    NOT_ACCEPTED(
            "the server accepts no channel of this id and secret (404 without a page)",
            "compare id, secret.file and basic.auth.file with the channel at the server; httun:refusal-list there says which one is wrong"),
    WRONG_PATH(
            "another web server answers 404 with a page, which no httun server does",
            "correct host and path in urls; if they are right, start the endpoint at the server"),
    CLOSED(
            "the connection is closed without an answer",
            "compare id, secret.file and basic.auth.file with the channel at the server, as a stock server refuses so; with a server of ours a firewall on the way"
                    + " cuts the connection"),
    SERVER_DOWN("nothing listens there", "start the server, or correct host and port in urls"),
    NO_ANSWER(
            "no answer in time or no route",
            "correct host and port in urls, start the server, or open the port in the firewalls on the way"),
    NAME_NOT_FOUND("the name has no address", "correct the name, or the DNS server of this computer"),
    CERTIFICATE_UNTRUSTED(
            "the server's certificate is not trusted",
            "set tls.trust to the certificate of its CA or tls.pin to its own; an issuer that is not the server's means that a proxy on the way intercepts TLS"),
    CERTIFICATE_EXPIRED(
            "the server's certificate has expired",
            "renew the certificate at the server; if it is valid today, correct the clock of this computer"),
    CLOCK_WRONG(
            "the server's certificate is not valid yet by the clock of this computer",
            "correct the clock of this computer"),
    CERTIFICATE_NAME(
            "the server's certificate is for another name",
            "use a name of the certificate in urls, or set tls.pin to the certificate"),
    LOGIN_PAGE(
            "a page answers instead of the server, such as the login page of a network (captive portal)",
            "open any http:// page in a browser and log in to the network; otherwise correct urls"),
    SERVER_LOGIN(
            "a web server demands a login, or refuses that of basic.auth.file (401)", "set or correct basic.auth.file"),
    PROXY_LOGIN(
            "requires a login (407)",
            "set or correct credentials.file of the connector io.httun.connector.upstream, and name it in connector.target"),
    PROXY_LOGIN_WRONG(
            "rejects the login of credentials.file", "correct credentials.file of io.httun.connector.upstream"),
    PROXY_REFUSES(
            "a proxy on the way refuses the request",
            "have its rules allow CONNECT to the port of the server, use port 443, or set http.proxy = forward with an http:// URL"),
    NOT_READY(
            "the server is not ready, or a proxy before it does not reach it",
            "start server and endpoint; at the server httun:health says what they wait for"),
    DRAINING(
            "the server takes no new sessions for now, as one that is drained",
            "wait, or add another server to urls; at the server httun:drain --end takes new sessions again"),
    FILTER_DENIES(
            "a filter denies the target",
            "httun:filter-check TARGET at the end that denies names the rule; change the filter, or use another target"),
    TARGET_REFUSES("the target refuses the connection", "start the service at the target, or correct host and port");

    private static final String TO_DO = " -> ";

    private final String what;
    private final String remedy;

    Trouble(String what, String remedy) {
        this.what = what;
        this.remedy = remedy;
    }

    /** The cause, as in every message about it. */
    public String what() {
        return what;
    }

    /** The remedy. */
    public String remedy() {
        return remedy;
    }

    /** The whole message. */
    @Override
    public String toString() {
        return what + TO_DO + remedy;
    }

    /** The message with something of the single case, such as a status. */
    public String with(String detail) {
        return what + ": " + detail + TO_DO + remedy;
    }

    /** The remedy after a message that says what is wrong in words of its own. */
    public String after(String message) {
        return message + TO_DO + remedy;
    }

    /** The trouble that a message tells of. */
    public static Optional<Trouble> in(String message) {
        return Arrays.stream(values())
                .filter(trouble -> message.contains(trouble.what) && message.contains(trouble.remedy))
                .findFirst();
    }

    /** The trouble of a target that cannot be reached. */
    public static Optional<Trouble> of(Cause cause) {
        return switch (cause) {
            case DENIED -> Optional.of(FILTER_DENIES);
            case CONNECTION_REFUSED -> Optional.of(TARGET_REFUSES);
            case UNRESOLVED -> Optional.of(NAME_NOT_FOUND);
            default -> Optional.empty();
        };
    }

    /**
     * A message as a problem of the health.
     *
     * @param otherwise what to do where the message tells of no trouble that is known here
     */
    public static Problem problem(String part, String message, String otherwise) {
        int end = message.lastIndexOf(TO_DO);
        return end < 0 || in(message).isEmpty()
                ? new Problem(part, message, otherwise)
                : new Problem(part, message.substring(0, end), message.substring(end + TO_DO.length()));
    }
}

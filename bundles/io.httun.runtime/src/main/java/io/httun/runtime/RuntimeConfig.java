// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** PID {@code io.httun.runtime}. */
@ObjectClassDefinition(name = "httun runtime", description = "Event loops and name resolution that all parts share")
public @interface RuntimeConfig {
    @AttributeDefinition(
            description = "Number of event loops, 0 = one per core. A change takes effect when the bundle restarts")
    int threads() default 0;

    @AttributeDefinition(
            description = "epoll, nio, or auto = epoll where it loads. A change takes effect when the bundle restarts",
            options = {@Option("auto"), @Option("epoll"), @Option("nio")})
    String transport() default "auto";

    @AttributeDefinition(
            description = "Which addresses of a name are used and which are tried first",
            options = {@Option("ipv4-first"), @Option("ipv6-first"), @Option("ipv4-only"), @Option("ipv6-only")})
    String resolver_addresses() default "ipv4-first";

    @AttributeDefinition(
            description =
                    "DNS servers as ADDRESS or ADDRESS:PORT, in order; empty = those of /etc/resolv.conf, or 127.0.0.1 without one")
    String[] resolver_servers() default {};

    @AttributeDefinition(
            description =
                    "Domains that are tried behind a name with fewer dots than resolver.ndots; empty = those of /etc/resolv.conf, where the servers are from there too")
    String[] resolver_search() default {};

    @AttributeDefinition(
            description =
                    "Names with at least so many dots are tried as they are before the search domains, 0 to 15; -1 = as /etc/resolv.conf says, or 1")
    int resolver_ndots() default -1;

    @AttributeDefinition(
            description = "Shortest time that an answer is kept, in seconds, whatever it says itself; 0 = as it says")
    int resolver_ttl_min_seconds() default 0;

    @AttributeDefinition(description = "Longest time that an answer is kept, in seconds; 0 = not kept")
    int resolver_ttl_max_seconds() default 300;

    @AttributeDefinition(description = "How long a failed look-up is kept, in seconds; 0 = not kept")
    int resolver_ttl_negative_seconds() default 5;

    @AttributeDefinition(description = "Most names that are kept; the least recently used one goes first")
    int resolver_cache_size() default 10_000;

    @AttributeDefinition(description = "How long one question to one DNS server waits, in milliseconds")
    int resolver_timeout_millis() default 2_500;
}

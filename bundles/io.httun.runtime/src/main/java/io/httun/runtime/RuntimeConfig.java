// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** PID {@code io.httun.runtime}. */
@ObjectClassDefinition(name = "httun runtime", description = "Event loops and name resolution, shared by all parts")
public @interface RuntimeConfig {
    @AttributeDefinition(
            description = "Number of event loops, 0 = one per core. A change takes effect when the bundle restarts")
    int threads() default 0;

    @AttributeDefinition(
            description = "epoll, nio, or auto = epoll where it loads. A change takes effect when the bundle restarts",
            options = {@Option("auto"), @Option("epoll"), @Option("nio")})
    String transport() default "auto";

    @AttributeDefinition(
            description = "Address families in use, and the one tried first",
            options = {@Option("ipv4-first"), @Option("ipv6-first"), @Option("ipv4-only"), @Option("ipv6-only")})
    String resolver_addresses() default "ipv4-first";

    @AttributeDefinition(
            description =
                    "DNS servers as ADDRESS or ADDRESS:PORT, in order; empty = those of /etc/resolv.conf, or 127.0.0.1 without one")
    String[] resolver_servers() default {};

    @AttributeDefinition(
            description =
                    "Search domains for names with fewer dots than resolver.ndots; empty = those of /etc/resolv.conf, if the servers are from there too")
    String[] resolver_search() default {};

    @AttributeDefinition(
            description =
                    "Names with at least this many dots are looked up as absolute names first, 0 to 15; -1 = the value of /etc/resolv.conf, or 1")
    int resolver_ndots() default -1;

    @AttributeDefinition(description = "Minimum TTL of a cached answer, in seconds; 0 = the answer's own")
    int resolver_ttl_min_seconds() default 0;

    @AttributeDefinition(description = "Maximum TTL of a cached answer, in seconds; 0 = no cache")
    int resolver_ttl_max_seconds() default 300;

    @AttributeDefinition(description = "TTL of a cached failure, in seconds; 0 = no cache")
    int resolver_ttl_negative_seconds() default 5;

    @AttributeDefinition(description = "Maximum of cached names; the least recently used is evicted")
    int resolver_cache_size() default 10_000;

    @AttributeDefinition(description = "Time-out of one query to one DNS server, in milliseconds")
    int resolver_timeout_millis() default 2_500;
}

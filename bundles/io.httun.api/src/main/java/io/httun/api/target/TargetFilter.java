// SPDX-License-Identifier: Apache-2.0
package io.httun.api.target;

import io.netty.channel.ChannelHandler;
import java.util.Optional;

/**
 * Judges targets. A service with the property {@value #NAME}; channels and listeners name the filters they need, and
 * refuse new connections while one is missing.
 *
 * <p>Called from event loops by any number of threads at once: must not block.
 */
public interface TargetFilter {
    /** Service property by which configurations refer to a filter. */
    String NAME = "name";

    /**
     * Decides on a target. Where the target has a name it is first asked with {@link Target#addresses()} empty, then
     * once for each address it resolved to, with exactly that address. Every answer must be {@link Decision.Allow}
     * for that address to be connected to.
     */
    Decision decide(Target target);

    /** As {@link #decide(Target)}, by a filter that also looks at who asks. */
    default Decision decide(Target target, RequestContext context) {
        return decide(target);
    }

    /**
     * What has to watch the first bytes of a connection that was allowed: a handler for the target's channel, new for every connection. It
     * holds back what is written until it has seen enough, and then removes itself or closes the channel with an exception in its pipeline.
     */
    default Optional<ChannelHandler> guard(Target target, RequestContext context) {
        return Optional.empty();
    }

    /** Says in one line what {@link #decide(Target, RequestContext)} answers and which rule makes it so. */
    default String explain(Target target, RequestContext context) {
        return decide(target, context) instanceof Decision.Deny deny ? "denied: " + deny.reason() : "allowed";
    }

    /**
     * Whether a name alone is not enough for this filter. If so, a name is resolved before it is admitted even where the
     * connector takes names; otherwise such a connector would lead around the filter. True unless overridden, so that
     * forgetting it fails closed.
     */
    default boolean needsAddresses() {
        return true;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.SharedSecret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The HMAC-SHA-256 of the configuration of all channels, by which servers behind one load balancer see that theirs differ. What may differ by
 * right, such as the TUN device, is not in it.
 */
final class ChannelsHash {
    private static final String HMAC = "HmacSHA256";

    private ChannelsHash() {}

    static byte[] of(Collection<ServerChannel> channels, SharedSecret key) {
        byte[] bytes = key.toBytes();
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(bytes, HMAC));
            channels.stream()
                    .map(ServerChannel::settings)
                    .sorted(Comparator.comparing(ChannelSettings::name))
                    .forEach(each -> add(mac, each));
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("each JDK has " + HMAC, e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static void add(Mac mac, ChannelSettings channel) {
        ChannelLimits limits = channel.limits();
        List<Object> parts = List.of(
                channel.name(),
                channel.id(),
                channel.enabled(),
                channel.test(),
                channel.l7(),
                channel.filters(),
                channel.windowLength(),
                channel.credentials().isPresent(),
                channel.headers(),
                channel.idle(),
                channel.policy(),
                limits.expiry(),
                limits.zone(),
                limits.quotas(),
                limits.sources(),
                channel.reverse());
        for (Object part : parts) {
            mac.update(part.toString().getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
        }
        // A set of days has no order of its own.
        limits.hours()
                .forEach(hours -> mac.update((hours.days().stream().sorted().toList() + " " + hours.from() + hours.to())
                        .getBytes(StandardCharsets.UTF_8)));
        add(mac, channel.secrets().current());
        channel.secrets().next().ifPresent(next -> add(mac, next.secret()));
    }

    private static void add(Mac mac, SharedSecret secret) {
        byte[] bytes = secret.toBytes();
        mac.update(bytes);
        Arrays.fill(bytes, (byte) 0);
    }
}

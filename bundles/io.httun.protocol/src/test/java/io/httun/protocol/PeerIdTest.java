// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.crypto.KeyAgreement;
import io.httun.crypto.jca.JcaKeyAgreement;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** {@code wire/httun.md} section 9. */
class PeerIdTest {
    @Property
    void saysWhatItCan(@ForAll @IntRange(max = 0xfff) int capabilities, @ForAll long custom) {
        UUID id = PeerId.of(capabilities, custom);
        assertThat(id.version()).isEqualTo(8);
        assertThat(id.variant()).isEqualTo(2);
        assertThat(PeerId.capabilities(id)).isEqualTo(capabilities);
        assertThat(id.getLeastSignificantBits() << 2 >>> 2).isEqualTo(custom >>> 2);
    }

    @Example
    void looksAsSpecified() {
        assertThat(PeerId.of(PeerId.SESSIONS, -1)).hasToString("68747475-6e4b-8001-bfff-ffffffffffff");
    }

    @Property
    void aBitChangesNothingElse(@ForAll @IntRange(max = 0xfff) int capabilities, @ForAll long custom) {
        UUID id = PeerId.of(capabilities, custom);
        UUID set = PeerId.with(id, PeerId.CONTINUES, true);
        UUID clear = PeerId.with(id, PeerId.CONTINUES, false);
        assertThat(PeerId.capabilities(set)).isEqualTo(capabilities | PeerId.CONTINUES);
        assertThat(PeerId.capabilities(clear)).isEqualTo(capabilities & ~PeerId.CONTINUES);
        assertThat(set.getLeastSignificantBits()).isEqualTo(id.getLeastSignificantBits());
        assertThat(id).isIn(set, clear);
    }

    @Property
    void aServerShowsItsNode(@ForAll long high, @ForAll long low, @ForAll @IntRange(max = 255) int node) {
        UUID configured = new UUID(high, low);
        KeyAgreement hash = new JcaKeyAgreement();
        UUID id = PeerId.ofServer(PeerId.SESSIONS, configured, node, hash);
        assertThat(PeerId.node(id)).isEqualTo(node);
        assertThat(PeerId.node(configured)).isZero();
        assertThat(id.getLeastSignificantBits() >>> 8)
                .isEqualTo(PeerId.ofConfigured(0, configured, hash).getLeastSignificantBits() >>> 8);
    }

    @Property
    void aRandomUuidIsAStockPeer(@ForAll long custom) {
        assertThat(PeerId.capabilities(UUID.randomUUID())).isZero();
        UUID ours = PeerId.of(PeerId.SESSIONS, custom);
        UUID otherVariant = new UUID(ours.getMostSignificantBits(), ours.getLeastSignificantBits() ^ 1L << 62);
        UUID otherVersion = new UUID(ours.getMostSignificantBits() ^ 1L << 12, ours.getLeastSignificantBits());
        UUID otherMark = new UUID(ours.getMostSignificantBits() ^ 1L << 63, ours.getLeastSignificantBits());
        assertThat(PeerId.capabilities(otherVariant)).isZero();
        assertThat(PeerId.capabilities(otherVersion)).isZero();
        assertThat(PeerId.capabilities(otherMark)).isZero();
    }

    @Property
    void aConfiguredIdentityIsTheStartOfTheHash(@ForAll long high, @ForAll long low) throws NoSuchAlgorithmException {
        UUID configured = new UUID(high, low);
        KeyAgreement hash = new JcaKeyAgreement();
        UUID id = PeerId.ofConfigured(PeerId.SESSIONS, configured, hash);
        byte[] expected = MessageDigest.getInstance("SHA3-256")
                .digest(ByteBuffer.allocate(16).putLong(high).putLong(low).array());
        assertThat(id.getLeastSignificantBits() << 2)
                .isEqualTo(ByteBuffer.wrap(expected).getLong() & ~3L);
        assertThat(PeerId.capabilities(id)).isEqualTo(PeerId.SESSIONS);
        assertThat(PeerId.isOfConfigured(id, configured, hash)).isTrue();
        assertThat(PeerId.isOfConfigured(id, new UUID(low, ~high), hash)).isFalse();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

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
    void aServersIdentityIsTheStartOfItsHash(@ForAll @Size(32) byte[] hash) {
        UUID id = PeerId.ofServer(PeerId.SESSIONS, hash);
        assertThat(id.getLeastSignificantBits() << 2 >>> 58).isEqualTo((hash[0] & 0xff) >>> 2);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.UnknownHostException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Properties of the parsers that read bytes of strangers. */
class ParserPropertyTest {
    @Property
    void aContainerIsReadBackAsItWasWritten(
            @ForAll @Size(16) byte[] address,
            @ForAll @IntRange(max = 65_535) int port,
            @ForAll @Size(max = 300) byte[] data)
            throws UnknownHostException {
        ByteBuf payload = Unpooled.buffer();
        InetAddress target = InetAddress.getByAddress(address);
        L7Container.writeHeader(payload, target, port);
        assertThat(payload.readableBytes()).isEqualTo(L7Container.HEADER_LENGTH);
        L7Container container = L7Container.read(payload.writeBytes(data));
        assertThat(container.address()).isEqualTo(target);
        assertThat(container.port()).isEqualTo(port);
        assertThat(ByteBufUtil.getBytes(container.data())).isEqualTo(data);
    }

    @Property
    void aFramesTextIsDecodedToTheFrame(@ForAll byte[] frame) {
        String text = FrameText.encode(Unpooled.wrappedBuffer(frame));
        assertThat(text).matches("[A-Za-z0-9_-]*");
        assertThat(ByteBufUtil.getBytes(FrameText.decode(text))).isEqualTo(frame);
    }

    @Property
    void neverThrowsAnythingButFrameExceptions(@ForAll String text) {
        onlyFrameExceptions(text);
    }

    @Property
    void neverThrowsAnythingButFrameExceptionsForWhatLooksAlike(
            @ForAll @Chars({'/', 'r', 'w', '0', '9', 'A', '-', '&', '=', 'm', '\u0663'}) String text) {
        onlyFrameExceptions(text);
    }

    @Property
    void parsesWhatItFormats(
            @ForAll @IntRange(max = TunnelPath.MAX_CHANNEL) int channel, @ForAll boolean read, @ForAll long serial) {
        assertThat(TunnelPath.parse(TunnelPath.format(channel, read, serial)))
                .isEqualTo(new TunnelPath(channel, read, serial & Serials.MASK));
    }

    private static void onlyFrameExceptions(String text) {
        for (Runnable parser : new Runnable[] {
            () -> TunnelPath.parse(text), () -> TunnelPath.message(text), () -> FrameText.decode(text)
        }) {
            try {
                parser.run();
            } catch (FrameException e) {
                assertThat(e).hasMessageMatching("[ -~]+");
            }
        }
    }
}

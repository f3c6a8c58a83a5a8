// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.digests.MD4Digest;

/** The server side of NTLM by MS-NLMP, independent of the library of the client side. */
final class NtlmPeer {
    private static final byte[] CHALLENGE = {1, 35, 69, 103, (byte) 137, (byte) 171, (byte) 205, (byte) 239};
    /** Unicode, NTLM, extended session security, target type domain, target info, 128 bits. */
    private static final int FLAGS = 0x2089_0201 | 0x0000_0004;

    private NtlmPeer() {}

    /** A CHALLENGE_MESSAGE (section 2.2.1.2) for the domain CORP. */
    static String challenge() {
        byte[] target = utf16("CORP");
        ByteBuffer info = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        info.putShort((short) 2).putShort((short) target.length).put(target);
        byte[] computer = utf16("PROXY");
        info.putShort((short) 1).putShort((short) computer.length).put(computer);
        info.putShort((short) 7).putShort((short) 8).putLong(133_000_000_000_000_000L);
        info.putInt(0).flip();
        ByteBuffer message =
                ByteBuffer.allocate(56 + target.length + info.limit()).order(ByteOrder.LITTLE_ENDIAN);
        message.put("NTLMSSP\0".getBytes(StandardCharsets.US_ASCII)).putInt(2);
        message.putShort((short) target.length).putShort((short) target.length).putInt(56);
        message.putInt(FLAGS).put(CHALLENGE).putLong(0);
        message.putShort((short) info.limit()).putShort((short) info.limit()).putInt(56 + target.length);
        message.putLong(0).put(target).put(info);
        return Base64.getEncoder().encodeToString(message.array());
    }

    /** A helper for Squid that accepts every login and records the client's message. */
    static Path helper(Path folder) throws IOException {
        Path script = folder.resolve("ntlm.sh");
        Files.writeString(
                script,
                "#!/bin/sh\nwhile read -r verb blob; do case $verb in\nYR*) echo 'TT " + challenge()
                        + "';;\nKK*) echo \"$blob\" > " + folder.resolve("authenticate")
                        + "; echo 'AF alice';;\nesac; done\n");
        assertThat(script.toFile().setExecutable(true, false)).isTrue();
        return script;
    }

    /** Checks that the NTLMv2 response of an AUTHENTICATE_MESSAGE is that of this user and password (section 3.3.2). */
    static void verify(String base64, String domain, String user, String password) throws GeneralSecurityException {
        ByteBuffer message =
                ByteBuffer.wrap(Base64.getDecoder().decode(base64.strip())).order(ByteOrder.LITTLE_ENDIAN);
        byte[] response = field(message, 20);
        assertThat(new String(field(message, 28), StandardCharsets.UTF_16LE)).isEqualTo(domain);
        assertThat(new String(field(message, 36), StandardCharsets.UTF_16LE)).isEqualTo(user);
        byte[] key = hmac(md4(utf16(password)), utf16(user.toUpperCase(Locale.ROOT) + domain));
        byte[] blob = Arrays.copyOfRange(response, 16, response.length);
        byte[] both = ByteBuffer.allocate(CHALLENGE.length + blob.length)
                .put(CHALLENGE)
                .put(blob)
                .array();
        assertThat(Arrays.copyOf(response, 16)).isEqualTo(hmac(key, both));
    }

    private static byte[] field(ByteBuffer message, int at) {
        byte[] bytes = new byte[message.getShort(at)];
        message.get(message.getInt(at + 4), bytes);
        return bytes;
    }

    private static byte[] utf16(String text) {
        return text.getBytes(StandardCharsets.UTF_16LE);
    }

    private static byte[] md4(byte[] bytes) {
        MD4Digest digest = new MD4Digest();
        digest.update(bytes, 0, bytes.length);
        byte[] hash = new byte[16];
        digest.doFinal(hash, 0);
        return hash;
    }

    private static byte[] hmac(byte[] key, byte[] bytes) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacMD5");
        mac.init(new SecretKeySpec(key, "HmacMD5"));
        return mac.doFinal(bytes);
    }
}

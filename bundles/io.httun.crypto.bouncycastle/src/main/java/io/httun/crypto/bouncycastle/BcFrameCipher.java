// SPDX-License-Identifier: Apache-2.0
package io.httun.crypto.bouncycastle;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.FrameKey;
import java.util.Arrays;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.modes.AEADBlockCipher;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.osgi.service.component.annotations.Component;

/**
 * AES-256-GCM in plain Java: slow, and always there. A cipher is made for each frame, since one kept by a thread of the
 * shared event loops would hold Bouncy Castle's class loader beyond this bundle's life.
 */
@Component(property = {FrameCipher.PROVIDER + "=bouncycastle", "service.ranking:Integer=0"})
public final class BcFrameCipher implements FrameCipher {
    private static final int TAG_BITS = TAG_LENGTH * Byte.SIZE;

    @Override
    public void seal(FrameKey key, byte[] frame, int offset, int plainLength) {
        int plain = offset + SEALED_OFFSET;
        try {
            AEADBlockCipher cipher = cipher(true, key, frame, offset);
            int done = cipher.processBytes(frame, plain, plainLength, frame, plain);
            cipher.doFinal(frame, plain + done);
        } catch (InvalidCipherTextException e) {
            throw new IllegalStateException("AES-GCM failed to seal " + plainLength + " bytes", e);
        }
    }

    @Override
    public boolean open(FrameKey key, byte[] frame, int offset, int length, byte[] out, int outOffset) {
        int sealed = length - SEALED_OFFSET;
        if (sealed < TAG_LENGTH) {
            return false;
        }
        AEADBlockCipher cipher = cipher(false, key, frame, offset);
        int done = cipher.processBytes(frame, offset + SEALED_OFFSET, sealed, out, outOffset);
        try {
            cipher.doFinal(out, outOffset + done);
            return true;
        } catch (InvalidCipherTextException e) {
            // Bouncy Castle has written what it could not vouch for.
            Arrays.fill(out, outOffset, outOffset + sealed - TAG_LENGTH, (byte) 0);
            return false;
        }
    }

    private static AEADBlockCipher cipher(boolean seal, FrameKey key, byte[] frame, int offset) {
        AEADBlockCipher cipher = GCMBlockCipher.newInstance(AESEngine.newInstance());
        int nonce = offset + TYPE_LENGTH;
        byte[] secret = key.getEncoded();
        cipher.init(
                seal,
                new AEADParameters(
                        new KeyParameter(secret), TAG_BITS, Arrays.copyOfRange(frame, nonce, nonce + NONCE_LENGTH)));
        Arrays.fill(secret, (byte) 0);
        cipher.processAADBytes(frame, offset, TYPE_LENGTH);
        return cipher;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.crypto.bouncycastle.BcFrameCipher;
import io.httun.crypto.bouncycastle.BcKeyAgreement;
import io.httun.crypto.jca.JcaFrameCipher;
import io.httun.crypto.jca.JcaKeyAgreement;
import java.security.SecureRandom;

/** Both crypto bundles, since either may serve any session at any time. */
enum Provider {
    JCA(new JcaFrameCipher()) {
        @Override
        KeyAgreement agreement(SecureRandom random) {
            return new JcaKeyAgreement(random);
        }
    },
    BOUNCY_CASTLE(new BcFrameCipher()) {
        @Override
        KeyAgreement agreement(SecureRandom random) {
            return new BcKeyAgreement(random);
        }
    };

    private final FrameCipher cipher;

    Provider(FrameCipher cipher) {
        this.cipher = cipher;
    }

    FrameCipher cipher() {
        return cipher;
    }

    abstract KeyAgreement agreement(SecureRandom random);
}

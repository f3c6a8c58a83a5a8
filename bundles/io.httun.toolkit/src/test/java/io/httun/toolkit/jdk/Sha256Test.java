// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.jdk;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class Sha256Test {
    /** FIPS 180-4, the example of one block. */
    @Test
    void digestsThePartsAsOneMessage() {
        String expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assertThat(Sha256.hex("abc".getBytes(US_ASCII))).isEqualTo(expected);
        assertThat(Sha256.hex("a".getBytes(US_ASCII), "bc".getBytes(US_ASCII))).isEqualTo(expected);
    }
}

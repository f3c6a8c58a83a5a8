// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * One frame of the wire protocol (section 2), sealed and opened with the JDK's AES-GCM.
 *
 * @param init whether bit 0 of the type byte says init rather than data
 * @param operation what the frame asks for
 * @param sequence the 64-bit sequence number with its two type bits on top
 * @param payload at most 65,535 bytes; not copied
 */
public record StockFrame(boolean init, StockOperation operation, long sequence, byte[] payload) {

    /** Bytes that a frame adds to its payload. */
    public static final int OVERHEAD = 48;

    public static final int MAX_PAYLOAD = 65_535;

    private static final int NONCE = 20;
    private static final int CRYPT_START = 1 + NONCE;
    private static final int CRYPT_HEADER = 1 + 8 + 2;
    private static final int TAG_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    public byte[] seal(byte[] key) throws StockException {
        if (payload.length > MAX_PAYLOAD) {
            throw new StockException("payload of " + payload.length + " bytes, expected at most " + MAX_PAYLOAD);
        }
        byte[] start = new byte[CRYPT_START];
        RANDOM.nextBytes(start);
        start[0] = (byte) (start[0] & 0xFE | (init ? 0 : 1));
        return seal(key, start);
    }

    /** Seals with a given type byte and nonce, so that recorded frames can be made again. */
    byte[] seal(byte[] key, byte[] typeAndNonce) throws StockException {
        byte[] plain = ByteBuffer.allocate(CRYPT_HEADER + payload.length)
                .put((byte) operation.ordinal())
                .putLong(sequence)
                .putShort((short) payload.length)
                .put(payload)
                .array();
        byte[] frame = Arrays.copyOf(typeAndNonce, OVERHEAD + payload.length);
        try {
            cipher(Cipher.ENCRYPT_MODE, key, frame).doFinal(plain, 0, plain.length, frame, CRYPT_START);
        } catch (GeneralSecurityException e) {
            throw new StockException("cannot seal", e);
        }
        return frame;
    }

    public static StockFrame open(byte[] frame, byte[] key) throws StockException {
        boolean init = isInit(frame);
        ByteBuffer plain;
        try {
            plain = ByteBuffer.wrap(
                    cipher(Cipher.DECRYPT_MODE, key, frame).doFinal(frame, CRYPT_START, frame.length - CRYPT_START));
        } catch (GeneralSecurityException e) {
            throw new StockException("the frame does not open under this key", e);
        }
        StockOperation operation = StockOperation.of(plain.get() & 0xFF);
        long sequence = plain.getLong();
        int length = plain.getShort() & 0xFFFF;
        if (length != plain.remaining()) {
            throw new StockException("stated payload length " + length + ", actual " + plain.remaining());
        }
        byte[] payload = new byte[length];
        plain.get(payload);
        return new StockFrame(init, operation, sequence, payload);
    }

    /** The type of a sealed frame: not encrypted, so readable before the key is known. */
    static boolean isInit(byte[] frame) throws StockException {
        if (frame.length < OVERHEAD || frame.length > OVERHEAD + MAX_PAYLOAD) {
            throw new StockException("frame of " + frame.length + " bytes");
        }
        return (frame[0] & 1) == 0;
    }

    public static String toBase64(byte[] frame) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(frame);
    }

    public static byte[] fromBase64(String text) throws StockException {
        try {
            byte[] frame = Base64.getUrlDecoder().decode(text);
            if (toBase64(frame).equals(text)) {
                return frame;
            }
        } catch (IllegalArgumentException e) {
            throw new StockException("not base64url", e);
        }
        throw new StockException("base64url with padding or spare bits");
    }

    private static Cipher cipher(int mode, byte[] key, byte[] frame) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, frame, 1, NONCE));
        cipher.updateAAD(frame, 0, 1);
        return cipher;
    }
}

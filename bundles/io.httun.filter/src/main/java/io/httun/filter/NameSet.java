// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A large set of host names in little memory: all letters in one array, and an open-addressing hash table of offsets
 * into it. An entry {@code *.example.org} matches all names below example.org. A look-up does not allocate.
 */
final class NameSet {
    private static final int MAX_NAME = 253;
    private static final int FIRST_TABLE = 64;

    private static final int HASH_FACTOR = 0x01000193;

    private byte[] letters = new byte[1024];
    private int used = 1;
    private int[] table = new int[FIRST_TABLE];
    private int size;
    private boolean anyBelow;

    /** @param name lower case; may start with {@code *.} */
    void add(String name) {
        boolean below = name.startsWith("*.");
        String plain = below ? name.substring(1) : name;
        if (plain.length() > MAX_NAME || !plain.chars().allMatch(NameSet::isNameCharacter)) {
            throw new IllegalArgumentException("must be a name of up to 253 letters, digits, '-', '_' and '.'");
        }
        anyBelow |= below;
        int slot = slot(plain, 0);
        if (table[slot] != 0) {
            return;
        }
        byte[] bytes = plain.getBytes(StandardCharsets.US_ASCII);
        if (used + bytes.length + 1 > letters.length) {
            letters = Arrays.copyOf(letters, letters.length * 2);
        }
        table[slot] = used;
        letters[used] = (byte) bytes.length;
        System.arraycopy(bytes, 0, letters, used + 1, bytes.length);
        used += bytes.length + 1;
        size++;
        if (size * 2 > table.length) {
            grow();
        }
    }

    private static boolean isNameCharacter(int c) {
        return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.';
    }

    private void grow() {
        int[] old = table;
        table = new int[old.length * 2];
        for (int place : old) {
            if (place != 0) {
                String name = new String(letters, place + 1, letters[place] & 0xff, StandardCharsets.US_ASCII);
                table[slot(name, 0)] = place;
            }
        }
    }

    /** Frees the unused capacity. */
    NameSet trimmed() {
        letters = Arrays.copyOf(letters, used);
        return this;
    }

    /** @param name lower case */
    boolean contains(String name) {
        if (table[slot(name, 0)] != 0) {
            return true;
        }
        // Wildcard entries are stored with their leading dot.
        for (int dot = anyBelow ? name.indexOf('.') : -1; dot >= 0; dot = name.indexOf('.', dot + 1)) {
            if (table[slot(name, dot)] != 0) {
                return true;
            }
        }
        return false;
    }

    int size() {
        return size;
    }

    /** Memory of its arrays in bytes. */
    long memory() {
        return letters.length + (long) Integer.BYTES * table.length;
    }

    /** The table slot of a suffix of the name, or the free slot for it. */
    private int slot(String name, int from) {
        int hash = 0;
        for (int i = from; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * HASH_FACTOR;
        }
        hash ^= hash >>> 15;
        int slot = hash & table.length - 1;
        while (table[slot] != 0 && !isAt(table[slot], name, from)) {
            slot = slot + 1 & table.length - 1;
        }
        return slot;
    }

    private boolean isAt(int place, String name, int from) {
        int length = letters[place] & 0xff;
        if (length != name.length() - from) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (letters[place + 1 + i] != name.charAt(from + i)) {
                return false;
            }
        }
        return true;
    }
}

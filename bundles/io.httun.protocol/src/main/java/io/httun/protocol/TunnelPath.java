// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import java.util.HexFormat;

/**
 * Path of a request behind its base: {@code /{channel}/{r|w}/{serial}} ({@code wire/httun.md} section 1).
 *
 * @param channel 0 to {@link #MAX_CHANNEL}
 * @param read true for {@code r}, the direction from the server
 * @param serial the cache buster, 0 to 2^40 - 1, or -1 if it has another form
 */
public record TunnelPath(int channel, boolean read, long serial) {
    /** Largest channel id. */
    public static final int MAX_CHANNEL = 32_767;

    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final int SERIAL_DIGITS = 10;
    private static final int MAX_CHANNEL_DIGITS = 5;
    private static final int MAX_QUERY_PARTS = 8;

    /** @throws FrameException if it is not such a path */
    public static TunnelPath parse(String path) {
        String[] parts = new String[3];
        int count = 0;
        int start = 0;
        for (int i = 0; i <= path.length(); i++) {
            char c = i < path.length() ? path.charAt(i) : '/';
            if (c == '/') {
                if (i > start) {
                    if (count == parts.length) {
                        throw new FrameException("path has more than three components");
                    }
                    parts[count++] = path.substring(start, i);
                }
                start = i + 1;
            } else if (!isPathCharacter(c)) {
                throw new FrameException("path has a character beyond A-Z a-z 0-9 - _ /");
            }
        }
        if (count < parts.length || !parts[1].equals("r") && !parts[1].equals("w")) {
            throw new FrameException("path is not /{channel}/{r|w}/{serial}");
        }
        return new TunnelPath(channel(parts[0]), parts[1].equals("r"), serial(parts[2]));
    }

    /**
     * The value of {@code m} in a query.
     *
     * @throws FrameException if there is none, or more than 8 parts
     */
    public static String message(String query) {
        String[] parts = query.split("&", MAX_QUERY_PARTS + 1);
        if (parts.length > MAX_QUERY_PARTS) {
            throw new FrameException("query has more than " + MAX_QUERY_PARTS + " parts");
        }
        for (String part : parts) {
            if (part.startsWith("m=")) {
                return part.substring(2);
            }
        }
        throw new FrameException("query has no m");
    }

    /** The path of a request, to be put behind the base. */
    public static String format(int channel, boolean read, long serial) {
        return "/" + channel + (read ? "/r/" : "/w/") + HEX.toHexDigits(serial & Serials.MASK, SERIAL_DIGITS);
    }

    private static int channel(String digits) {
        if (digits.length() > MAX_CHANNEL_DIGITS || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new FrameException("channel id is not decimal");
        }
        int channel = Integer.parseInt(digits);
        if (channel > MAX_CHANNEL) {
            throw new FrameException("channel id " + channel + ", expected 0 to " + MAX_CHANNEL);
        }
        return channel;
    }

    private static long serial(String text) {
        if (text.length() != SERIAL_DIGITS) {
            return -1;
        }
        long serial = 0;
        for (int i = 0; i < SERIAL_DIGITS; i++) {
            int digit = Character.digit(text.charAt(i), 16);
            if (digit < 0) {
                return -1;
            }
            serial = serial << 4 | digit;
        }
        return serial;
    }

    private static boolean isPathCharacter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_';
    }
}

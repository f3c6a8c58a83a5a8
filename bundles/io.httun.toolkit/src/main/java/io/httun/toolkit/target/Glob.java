// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.target;

/**
 * Text with {@code *} for any characters and {@code ?} for one. Takes at most length of text times length of pattern steps,
 * for any text, which strangers may choose.
 */
record Glob(String pattern) {
    boolean matches(String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int resume = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                resume = t;
            } else if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == text.charAt(t))) {
                p++;
                t++;
            } else if (star >= 0) {
                // Only the last star has to be reconsidered: what it could not match, an earlier one could not either.
                p = star + 1;
                t = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}

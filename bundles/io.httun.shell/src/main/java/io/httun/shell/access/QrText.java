// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.access;

import io.nayuki.qrcodegen.QrCode;

/** A QR code as text: two rows of modules a line, in half blocks. */
public final class QrText {
    /** ISO/IEC 18004 wants four light modules around. */
    private static final int QUIET = 4;

    private static final String BLACK_ON_WHITE = "\u001b[30;107m";
    private static final String PLAIN = "\u001b[0m";

    private QrText() {}

    /** @param colours whether the terminal takes colours; without them its background has to be dark */
    public static String of(String text, boolean colours) {
        QrCode code = QrCode.encodeText(text, QrCode.Ecc.MEDIUM);
        StringBuilder all = new StringBuilder();
        for (int y = -QUIET; y < code.size + QUIET; y += 2) {
            all.append(colours ? BLACK_ON_WHITE : "");
            for (int x = -QUIET; x < code.size + QUIET; x++) {
                boolean top = code.getModule(x, y) == colours;
                boolean bottom = code.getModule(x, y + 1) == colours;
                all.append(top ? bottom ? '\u2588' : '\u2580' : bottom ? '\u2584' : ' ');
            }
            all.append(colours ? PLAIN : "").append('\n');
        }
        return all.toString();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

/** What a frame asks for; the wire value is the ordinal (wire protocol, section 2). */
public enum StockOperation {
    INIT,
    L3_TO_SRV,
    L3_FROM_SRV,
    L7_TO_SRV,
    L7_FROM_SRV,
    TEST_TO_SRV,
    TEST_FROM_SRV;

    private static final StockOperation[] BY_VALUE = values();

    static StockOperation of(int value) throws StockException {
        if (value < 0 || value >= BY_VALUE.length) {
            throw new StockException("operation " + value + ", expected 0 to " + (BY_VALUE.length - 1));
        }
        return BY_VALUE[value];
    }
}

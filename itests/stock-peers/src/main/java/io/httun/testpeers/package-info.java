// SPDX-License-Identifier: Apache-2.0
/**
 * A stock-like server and a stock-like client for tests, {@link io.httun.testpeers.StockServer} and
 * {@link io.httun.testpeers.StockClient}: an implementation of the wire protocol of its own, sharing nothing with the
 * bundles it tests, with the quirks of the stock programs.
 */
package io.httun.testpeers;

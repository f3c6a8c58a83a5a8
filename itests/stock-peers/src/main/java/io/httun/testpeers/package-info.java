// SPDX-License-Identifier: Apache-2.0
/**
 * A stock-like server and a stock-like client for tests, {@link io.httun.testpeers.StockServer} and
 * {@link io.httun.testpeers.StockClient}: an implementation of the wire protocol of its own, sharing nothing with the
 * bundles it tests, with the quirks of the stock programs. And what tests of several bundles need besides: certificates, real programs.
 */
@Export
@Version("1.0.0")
package io.httun.testpeers;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

// SPDX-License-Identifier: Apache-2.0
/** Reads the configuration files of the stock httun program. */
package io.httun.shell.stock;

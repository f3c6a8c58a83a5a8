// SPDX-License-Identifier: Apache-2.0
/** Keeps what an audit has to know: one line of JSON for each event in the logger {@code io.httun.audit}, and OSGi events. */
package io.httun.audit;

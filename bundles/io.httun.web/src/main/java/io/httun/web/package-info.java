// SPDX-License-Identifier: Apache-2.0
/** The model of {@code io.httun.api.status} as a live page in Karaf's web server. Counts nothing that a part counts already. */
package io.httun.web;

// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

/** The login schemes of HTTP proxies. */
enum LoginMethod {
    DIGEST,
    NTLM,
    BASIC
}

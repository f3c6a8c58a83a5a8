// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

/** How to log in at an HTTP proxy. */
enum LoginMethod {
    DIGEST,
    NTLM,
    BASIC
}

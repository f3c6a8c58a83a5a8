// SPDX-License-Identifier: Apache-2.0
/** TLS towards the clients of a listener. */
package io.httun.listener.tls;

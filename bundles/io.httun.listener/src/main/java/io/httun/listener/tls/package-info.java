// SPDX-License-Identifier: Apache-2.0
/** TLS on either side of a listener. */
package io.httun.listener.tls;

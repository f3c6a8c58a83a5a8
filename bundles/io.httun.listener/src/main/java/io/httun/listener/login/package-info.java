// SPDX-License-Identifier: Apache-2.0
/** Who may use a listener. */
package io.httun.listener.login;

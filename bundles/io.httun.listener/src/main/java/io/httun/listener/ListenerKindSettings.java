// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

/** The settings of one kind of listener. */
interface ListenerKindSettings {
    /** The settings that all kinds share. */
    ListenerSettings common();
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

/** What one kind of listener has. */
interface KindSettings {
    /** What every kind has. */
    ListenerSettings common();
}

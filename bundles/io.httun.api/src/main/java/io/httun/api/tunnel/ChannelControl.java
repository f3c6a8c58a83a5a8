// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tunnel;

/** A configured channel of the server, for its administrator. A service with the property {@code name}. */
public interface ChannelControl {
    /** Reads the files that the channel's configuration names again, if they have changed, and returns when they are in use. */
    void refresh();
}

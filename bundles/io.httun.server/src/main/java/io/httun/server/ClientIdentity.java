// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.protocol.PeerId;
import java.util.UUID;

/**
 * What the UUID in a client's init says ({@code wire/httun.md} section 9).
 *
 * @param uuid of the client, the same whether it begins or continues a session
 * @param continuing whether the init is refused unless the client has a session: what follows is not the beginning of a connection
 * @param protocol what the client uses the session for
 */
record ClientIdentity(UUID uuid, boolean continuing, ClientProtocol protocol) {
    static ClientIdentity of(UUID sender) {
        boolean continuing = (PeerId.capabilities(sender) & PeerId.CONTINUES) != 0;
        UUID uuid = continuing ? PeerId.with(sender, PeerId.CONTINUES, false) : sender;
        return new ClientIdentity(uuid, continuing, ClientProtocol.of(uuid));
    }
}

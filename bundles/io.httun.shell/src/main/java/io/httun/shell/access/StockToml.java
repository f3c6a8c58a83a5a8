// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.access;

import io.httun.toolkit.tunnel.TunnelLink;
import java.util.UUID;

/** The configuration of a stock client for a channel. */
public final class StockToml {
    private StockToml() {}

    /** With the secret in it. Everything in a link is of characters that need no escape in TOML. */
    public static String of(TunnelLink link) {
        return """
                # client.toml of the stock httun client; only its owner may read it.
                uuid = "%s"

                [[channels]]
                urls = [ "%s" ]
                alias = "%s"
                id = %d
                shared-secret = "%s"
                http.ignore-tls-errors = false
                """
                .formatted(UUID.randomUUID(), link.url(), link.name(), link.id(), NewSecret.hex(link.secret()));
    }
}

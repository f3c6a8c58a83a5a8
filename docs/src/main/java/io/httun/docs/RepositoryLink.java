// SPDX-License-Identifier: Apache-2.0
package io.httun.docs;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a relative link in a page points to.
 *
 * @param target a file or folder of the repository, absolute; the page itself where the link has only an anchor
 * @param anchor id in the target; empty if there is none
 */
record RepositoryLink(Path target, String anchor) {
    /** @return empty if the link leaves the repository by its scheme, such as https: */
    static Optional<RepositoryLink> of(Path page, String destination) {
        if (destination.matches("[a-z][a-z0-9+.-]*:.*")) {
            return Optional.empty();
        }
        int hash = destination.indexOf('#');
        String path = hash < 0 ? destination : destination.substring(0, hash);
        Path target = path.isEmpty() ? page : page.resolveSibling(path).normalize();
        return Optional.of(new RepositoryLink(target, hash < 0 ? "" : destination.substring(hash + 1)));
    }
}

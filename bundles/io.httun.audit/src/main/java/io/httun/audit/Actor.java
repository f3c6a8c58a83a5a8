// SPDX-License-Identifier: Apache-2.0
package io.httun.audit;

import java.security.AccessController;
import java.security.Principal;
import javax.security.auth.Subject;

/** The user in whose name this thread runs, as Karaf's consoles set it. */
final class Actor {
    private Actor() {}

    /** @return empty where there is none, as in threads of the framework */
    // Karaf 4.4 runs on Java 17 to 23 only, which have both.
    @SuppressWarnings("removal")
    static String current() {
        Subject subject = Subject.getSubject(AccessController.getContext());
        return subject == null
                ? ""
                : subject.getPrincipals().stream()
                        .filter(principal ->
                                principal.getClass().getSimpleName().equals("UserPrincipal"))
                        .map(Principal::getName)
                        .findFirst()
                        .orElse("");
    }
}

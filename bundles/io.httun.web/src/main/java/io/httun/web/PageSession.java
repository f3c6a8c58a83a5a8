// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

/**
 * Somebody who has logged in.
 *
 * @param user as the realm knows them
 * @param mayAct whether actions are allowed too
 * @param listed whether the realm lists the user, so that lost roles end the session
 * @param csrf what each action has to bring along
 * @param sinceNanos when the login was
 */
record PageSession(String user, boolean mayAct, boolean listed, String csrf, long sinceNanos) {
    @Override
    public String toString() {
        return "PageSession[" + user + "]";
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/** The page that shows what this process does, in Karaf's web server. A service while the page is there. */
public interface LivePage {
    /** Path of the page in the web server, without a slash at its end. */
    String path();

    /**
     * Makes a way in without a password, for whoever is an administrator of this process already.
     *
     * @return path of the page in the web server, with a token behind {@code #} that logs in once, within ten minutes. Never log it
     */
    String invitation();
}

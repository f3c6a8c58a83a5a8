// SPDX-License-Identifier: Apache-2.0
/** Logins of users by password, how their passwords are kept, and the limit on wrong ones. */
@Export
@Version("1.0.0")
package io.httun.toolkit.login;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

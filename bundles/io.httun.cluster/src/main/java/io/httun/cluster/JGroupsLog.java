// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import org.jgroups.logging.CustomLogFactory;
import org.jgroups.logging.Log;
import org.jgroups.logging.LogFactory;
import org.jgroups.logging.Slf4jLogImpl;

/**
 * The log of JGroups one level lower: it warns of each connection that ends, which strangers and members that come and go cause at will. What an
 * operator needs is in our own lines and in the health.
 */
final class JGroupsLog extends Slf4jLogImpl {
    private JGroupsLog(Class<?> owner) {
        super(owner);
    }

    private JGroupsLog(String category) {
        super(category);
    }

    /** For everything that JGroups logs from now on. */
    static void use() {
        LogFactory.setCustomLogFactory(new CustomLogFactory() {
            @Override
            public Log getLog(Class<?> owner) {
                return new JGroupsLog(owner);
            }

            @Override
            public Log getLog(String category) {
                return new JGroupsLog(category);
            }
        });
    }

    @Override
    public void error(String message) {
        debug("%s", message);
    }

    @Override
    public void error(String format, Object... arguments) {
        debug(format, arguments);
    }

    @Override
    public void error(String message, Throwable cause) {
        debug(message, cause);
    }

    @Override
    public void warn(String message) {
        debug("%s", message);
    }

    @Override
    public void warn(String format, Object... arguments) {
        debug(format, arguments);
    }

    @Override
    public void warn(String message, Throwable cause) {
        debug(message, cause);
    }

    @Override
    public void info(String message) {
        debug("%s", message);
    }

    @Override
    public void info(String format, Object... arguments) {
        debug(format, arguments);
    }
}

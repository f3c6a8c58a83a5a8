// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.HttunException;
import java.io.IOException;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes the devices whose configurations were deleted while this bundle was not running. */
@Component(immediate = true, service = OrphanedDevices.class)
public final class OrphanedDevices {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanedDevices.class);

    @Activate
    public OrphanedDevices(BundleContext context, @Reference ConfigurationAdmin configurations)
            throws IOException, InvalidSyntaxException {
        Journals journals = Journals.of(context);
        for (String pid : journals.pids()) {
            if (configurations.listConfigurations('(' + Constants.SERVICE_PID + '=' + pid + ')') == null) {
                remove(journals, pid);
            }
        }
    }

    private static void remove(Journals journals, String pid) {
        if (Platform.problem().isPresent()) {
            return;
        }
        try {
            Journal journal = journals.journal(pid);
            try (TunHost host = new TunHost(journal)) {
                host.remove(journal.device());
            }
            LOG.info("Removed the device of the deleted configuration {}", pid);
        } catch (HttunException e) {
            LOG.error("Cannot remove the device of the deleted configuration {}: {}", pid, e.getMessage());
        }
    }
}

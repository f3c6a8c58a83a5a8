// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tun;

import io.httun.api.HttunException;
import java.util.Optional;

/**
 * A TUN device of this host. A service with the property {@link #NAME}, one for each configuration {@code io.httun.tun~NAME}; users refer
 * to it with a dynamic reference and a target filter, for example {@code tun.target=(name=office)}.
 *
 * <p>The service stands for the configuration, not for the kernel's device: it is there from the start, also while the device cannot
 * be opened ({@link #problem()}), and stays when somebody removes the device by hand, which is then made again. It goes when
 * the bundle stops or is updated; the kernel's device with its addresses and routes stays, and goes only with the configuration. Addresses, MTU, routes
 * and owner are part of the configuration and no business of the user.
 */
public interface TunDevice {
    /** Service property: the configured name. Not the kernel's name of the device. */
    String NAME = "name";

    /** Name of the network interface, for example {@code httun-c-0}. */
    String device();

    /**
     * The device's MTU in bytes at the moment, 68 to 65,535: an administrator may change it any time. The packets handed to the user are never larger: what the
     * kernel gathered (GSO) has been cut up.
     */
    int mtu();

    /** Why the device does not work at the moment, as a sentence that says what to do; empty while it works. */
    Optional<String> problem();

    /**
     * Takes the device into use: from now on {@code receiver} gets its packets. Does not wait for the device to work.
     *
     * @param user who, for messages, for example {@code channel office}
     * @throws HttunException if somebody else has it, saying who; one user at a time
     */
    TunPort attach(String user, PacketReceiver receiver);
}

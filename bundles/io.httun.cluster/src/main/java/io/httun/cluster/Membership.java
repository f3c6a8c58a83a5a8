// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.HttunException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.JChannel;
import org.jgroups.Message;
import org.jgroups.Receiver;
import org.jgroups.View;
import org.jgroups.protocols.Discovery;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FILE_PING;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The group of servers, by JGroups over TLS. Only arrays of bytes are sent and taken: nothing is ever deserialized as an object of Java. A
 * member whose process ends is found by its closed connection, one that hangs or is cut off by missing heartbeats.
 */
final class Membership implements Receiver, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Membership.class);
    private static final String GROUP = "httun";
    private static final long JOIN_MILLIS = 1000;
    /** Asked after a closed connection and after missing heartbeats, before anybody is given up. */
    private static final long VERIFY_MILLIS = 1000;

    private static final long HEARTBEAT_MILLIS = 1000;
    /** A long garbage collection is shorter. */
    private static final long SILENCE_MILLIS = 5000;
    /** How often parts of a split group look for each other. */
    private static final long MERGE_MIN_MILLIS = 1000;

    private static final long MERGE_MAX_MILLIS = 4000;
    private static final int MAX_MESSAGE = 256 << 10;

    static {
        JGroupsLog.use();
    }

    /** Called on threads of JGroups. */
    interface Listener {
        /** @param members the one that is here longest first */
        void members(List<Address> members);

        /** @param bytes valid during the call */
        void told(Address from, byte[] bytes, int offset, int length);
    }

    private final ClusterSettings settings;
    private final Listener listener;
    private final JChannel channel;
    private final Discovery discovery;

    /** @throws HttunException if JGroups cannot be set up */
    Membership(ClusterSettings settings, ClusterTls tls, StrangerLog strangers, Listener listener) {
        this.settings = settings;
        this.listener = listener;
        this.discovery = settings.folder()
                .<Discovery>map(folder -> new FILE_PING().setLocation(folder.toString()))
                .orElseGet(() -> new TCPPING().portRange(0));
        lookUp();
        try {
            channel = new JChannel(
                    transport(tls, strangers),
                    discovery,
                    new MERGE3().setMinInterval(MERGE_MIN_MILLIS).setMaxInterval(MERGE_MAX_MILLIS),
                    new FD_ALL3().setTimeout(SILENCE_MILLIS).setInterval(HEARTBEAT_MILLIS),
                    new VERIFY_SUSPECT2().setTimeout(VERIFY_MILLIS),
                    new NAKACK2().useMcastXmit(false),
                    new UNICAST3(),
                    new STABLE(),
                    new GMS().printLocalAddress(false).setJoinTimeout(JOIN_MILLIS));
        } catch (Exception e) {
            throw new HttunException("JGroups cannot be set up: " + e.getMessage(), e);
        }
        channel.setName(settings.name()).setDiscardOwnMessages(true).setReceiver(this);
    }

    private TCP transport(ClusterTls tls, StrangerLog strangers) {
        TCP tcp = new TCP();
        tcp.setBindAddress(settings.listen().getAddress());
        tcp.setBindPort(settings.listen().getPort());
        tcp.setPortRange(0);
        tcp.setSocketFactory(new MemberSockets(tls.sockets(), strangers));
        tcp.setMaxLength(MAX_MESSAGE).enableSuspectEvents(true).tcpNodelay(true).logDetails(false);
        // A member that does not take its messages holds up those to itself alone.
        tcp.setBundlerType("per-destination");
        return tcp;
    }

    /**
     * Joins the group, or begins one. Blocks for some seconds.
     *
     * @throws HttunException with what is wrong, such as a port that is taken
     */
    void join() {
        try {
            channel.connect(GROUP);
        } catch (Exception e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            throw new HttunException(String.valueOf(cause.getMessage()), e);
        }
    }

    Address self() {
        return channel.getAddress();
    }

    /** Looks the names of members up again. May block. */
    void lookUp() {
        if (discovery instanceof TCPPING list) {
            Set<InetSocketAddress> addresses = new LinkedHashSet<>(List.of(settings.listen()));
            for (InetSocketAddress member : settings.members()) {
                try {
                    for (InetAddress address : InetAddress.getAllByName(member.getHostString())) {
                        addresses.add(new InetSocketAddress(address, member.getPort()));
                    }
                } catch (UnknownHostException e) {
                    LOG.debug("No address of {} now", member.getHostString(), e);
                }
            }
            list.setInitialHosts(new ArrayList<>(addresses));
        }
    }

    /** Tells all other members; a message that is lost on the way is sent again. */
    void tell(byte[] message) {
        try {
            channel.send(new BytesMessage(null, message));
        } catch (Exception e) {
            LOG.debug("Not told to the other servers; the next message says it again", e);
        }
    }

    @Override
    public void viewAccepted(View view) {
        listener.members(view.getMembers());
    }

    @Override
    public void receive(Message message) {
        // Another kind of message could hold a serialized object; whoever asks for it would have it made.
        if (message instanceof BytesMessage && message.hasArray()) {
            listener.told(message.getSrc(), message.getArray(), message.getOffset(), message.getLength());
        }
    }

    /** Leaves the group. Blocks for some seconds at most. */
    @Override
    public void close() {
        long began = System.nanoTime();
        channel.close();
        LOG.debug("Left after {} ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
    }
}

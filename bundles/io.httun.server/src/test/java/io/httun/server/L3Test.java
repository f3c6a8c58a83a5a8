// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.target.Decision;
import io.httun.api.tun.TunDrop;
import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.Operation;
import io.httun.protocol.PeerId;
import io.httun.protocol.SequenceType;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.NetUtil;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Packets between clients and a device, one by one. */
class L3Test {
    private static final UUID OFFICE = UUID.fromString("0f0a4f3e-6a34-4b6e-9d36-1f1b6d2c7a55");
    private static final String SERVER = "10.8.0.1";

    private final TestServer server = new TestServer();
    private final FakeTun tun = new FakeTun();

    @AfterEach
    void stop() {
        server.close();
    }

    private ChannelComponent channel(Object... changes) {
        ChannelComponent channel = server.channel(new TestServer.Connector(), properties(changes));
        channel.setTun(tun);
        return channel;
    }

    private static Map<String, Object> properties(Object... changes) {
        Map<String, Object> all = TestServer.properties(changes);
        all.put("tun.target", "(name=x)");
        return all;
    }

    /** A packet whose upper protocol does not matter. */
    private static byte[] packet(String from, String to, int mark) {
        byte[] source = NetUtil.createByteArrayFromIpAddressString(from);
        byte[] destination = NetUtil.createByteArrayFromIpAddressString(to);
        ByteBuffer packet;
        if (source.length == 4) {
            packet = ByteBuffer.allocate(24)
                    .put((byte) 0x45)
                    .putShort(2, (short) 24)
                    .put(9, (byte) 99);
            packet.position(12);
        } else {
            packet = ByteBuffer.allocate(44)
                    .put((byte) 0x60)
                    .putShort(4, (short) 4)
                    .put(6, (byte) 99);
            packet.position(8);
        }
        return packet.put(source).put(destination).putInt(mark).array();
    }

    private static int send(TestClient client, byte[] packet) throws Exception {
        return TestClient.get(client.sendWrite(
                        client.seal(Operation.L3_TO_SERVER, SequenceType.B.with(client.nextWrite++), packet)))
                .status();
    }

    private static CompletableFuture<TunnelReply> ask(TestClient client) {
        return client.sendRead(client.readFrame(Operation.L3_FROM_SERVER, client.nextRead++));
    }

    private static byte[] packet(TestClient client, CompletableFuture<TunnelReply> reply) throws Exception {
        TunnelReply got = TestClient.get(reply);
        assertThat(got.status()).isEqualTo(200);
        got.delivery().written();
        return ByteBufUtil.getBytes(client.open(got.body()).payload());
    }

    private TestClient client() throws Exception {
        return client(TestClient.ours());
    }

    private TestClient client(UUID uuid) throws Exception {
        TestClient client = new TestClient(server, uuid);
        assertThat(client.init().status()).isEqualTo(200);
        return client;
    }

    @Test
    void clientsAreToldApartByTheAddressesTheySendFrom() throws Exception {
        channel();
        TestClient one = client();
        TestClient two = client();
        assertThat(send(one, packet("10.8.0.2", SERVER, 1))).isEqualTo(200);
        assertThat(send(two, packet("fd08::3", "fd08::1", 2))).isEqualTo(200);
        assertThat(tun.written).containsExactly(packet("10.8.0.2", SERVER, 1), packet("fd08::3", "fd08::1", 2));
        CompletableFuture<TunnelReply> toOne = ask(one);
        CompletableFuture<TunnelReply> toTwo = ask(two);
        tun.send(packet("fd08::1", "fd08::3", 3), packet(SERVER, "10.8.0.2", 4));
        assertThat(packet(one, toOne)).isEqualTo(packet(SERVER, "10.8.0.2", 4));
        assertThat(packet(two, toTwo)).isEqualTo(packet("fd08::1", "fd08::3", 3));
        tun.send(packet(SERVER, "10.8.0.99", 5));
        assertThat(tun.drops).containsOnlyKeys(TunDrop.NO_PEER).containsEntry(TunDrop.NO_PEER, 1);
    }

    @Test
    void anAddressOfAnotherClientIsRefusedUnlessThatOneHasGone() throws Exception {
        channel();
        TestClient owner = client();
        TestClient thief = client();
        send(owner, packet("10.8.0.2", SERVER, 1));
        CompletableFuture<TunnelReply> waiting = ask(owner);
        assertThat(send(thief, packet("10.8.0.2", SERVER, 2)))
                .as("told nothing")
                .isEqualTo(200);
        assertThat(tun.written).hasSize(1);
        assertThat(tun.drops).containsEntry(TunDrop.SPOOFED, 1);
        tun.send(packet(SERVER, "10.8.0.2", 3));
        assertThat(packet(owner, waiting)).isEqualTo(packet(SERVER, "10.8.0.2", 3));
        server.server.closeSession(server.server.sessions().stream()
                .filter(session -> session.framesOut() > 0)
                .findFirst()
                .orElseThrow()
                .id());
        send(thief, packet("10.8.0.2", SERVER, 4));
        assertThat(tun.written).hasSize(2);
    }

    @Test
    void withoutAntiSpoofingTheLastSenderHasTheAddress() throws Exception {
        channel("tun.antispoof", false);
        TestClient one = client();
        TestClient two = client();
        send(one, packet("10.8.0.2", SERVER, 1));
        ask(one);
        send(two, packet("10.8.0.2", SERVER, 2));
        CompletableFuture<TunnelReply> reply = ask(two);
        tun.send(packet(SERVER, "10.8.0.2", 3));
        assertThat(packet(two, reply)).isEqualTo(packet(SERVER, "10.8.0.2", 3));
    }

    @Test
    void assignedAddressesAreTheOnlyOnesAndReachableAtOnce() throws Exception {
        channel("tun.clients", new String[] {OFFICE + "=10.8.0.2 10.9.0.0/16", TestClient.stock() + "=10.8.0.3"});
        TestClient office = client(PeerId.ofConfigured(PeerId.SESSIONS, OFFICE, server.server.agreement));
        CompletableFuture<TunnelReply> toOffice = ask(office);
        tun.send(packet(SERVER, "10.8.0.2", 1));
        assertThat(packet(office, toOffice)).isEqualTo(packet(SERVER, "10.8.0.2", 1));
        TestClient stock = client(TestClient.stock());
        TestClient stranger = client();
        send(office, packet("10.9.1.2", SERVER, 1));
        send(stock, packet("10.8.0.3", SERVER, 2));
        assertThat(tun.written).hasSize(2);
        send(stock, packet("10.8.0.4", SERVER, 3));
        send(stranger, packet("10.8.0.4", SERVER, 3));
        send(stranger, packet("10.8.0.2", SERVER, 3));
        send(office, packet("10.8.0.3", SERVER, 3));
        assertThat(tun.written).hasSize(2);
        assertThat(tun.drops).containsEntry(TunDrop.SPOOFED, 4);
    }

    @Test
    void garbageNeverReachesTheDevice() throws Exception {
        channel();
        TestClient client = client();
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            byte[] garbage = new byte[random.nextInt(200)];
            random.nextBytes(garbage);
            assertThat(send(client, garbage)).isEqualTo(200);
        }
        byte[] longer = Arrays.copyOf(packet("10.8.0.2", SERVER, 1), 25);
        send(client, longer);
        for (String source : List.of("224.0.0.1", "127.0.0.1", "0.0.0.0", "255.255.255.255")) {
            send(client, packet(source, SERVER, 1));
        }
        send(client, packet("::1", "fd08::1", 1));
        send(client, packet("ff02::1", "fd08::1", 1));
        assertThat(tun.written).isEmpty();
        assertThat(tun.drops.values().stream().mapToInt(Integer::intValue).sum())
                .isEqualTo(207);
        send(client, packet("10.8.0.2", SERVER, 1));
        assertThat(tun.written).hasSize(1);
    }

    @Test
    void filterIsAskedBothWaysAndAMissingOneRefusesAll() throws Exception {
        channel("tun.filters", "office");
        TestClient client = client();
        send(client, packet("10.8.0.2", SERVER, 1));
        assertThat(tun.written).as("no filter service").isEmpty();
        server.server.packets = (names, packet, offset, length) -> {
            assertThat(names).containsExactly("office");
            return packet[offset + length - 1] == 13 ? Decision.deny("unlucky") : Decision.ALLOW;
        };
        CompletableFuture<TunnelReply> prohibited = ask(client);
        // The packets that the missing filter refused were answered as well.
        assertThat(packet(client, prohibited)[20]).as("ICMP unreachable").isEqualTo((byte) 3);
        send(client, packet("10.8.0.2", SERVER, 13));
        byte[] error = packet(client, ask(client));
        assertThat(error[20]).as("unreachable").isEqualTo((byte) 3);
        assertThat(error[21]).as("administratively prohibited").isEqualTo((byte) 13);
        send(client, packet("10.8.0.2", SERVER, 1));
        assertThat(tun.written).hasSize(1);
        tun.send(packet(SERVER, "10.8.0.2", 13));
        assertThat(tun.written).as("an ICMP error to who sent it").hasSize(2);
        tun.send(packet(SERVER, "10.8.0.2", 14));
        assertThat(packet(client, ask(client))).isEqualTo(packet(SERVER, "10.8.0.2", 14));
        assertThat(tun.drops).containsEntry(TunDrop.FILTERED, 3);
    }

    @Test
    void whoSendsMoreThanTheDeviceTakesIsTold() throws Exception {
        channel();
        TestClient client = client();
        byte[] large = ByteBuffer.wrap(Arrays.copyOf(packet("10.8.0.2", SERVER, 1), 1401))
                .putShort(2, (short) 1401)
                .array();
        send(client, large);
        assertThat(tun.written).as("whoever passes it on may fragment it").hasSize(1);
        large[6] = 0x40;
        CompletableFuture<TunnelReply> reply = ask(client);
        send(client, large);
        byte[] error = packet(client, reply);
        assertThat(error[21]).as("fragmentation needed").isEqualTo((byte) 4);
        assertThat(ByteBuffer.wrap(error).getShort(26)).isEqualTo((short) 1400);
        assertThat(tun.written).hasSize(1);
        assertThat(tun.drops).containsOnlyKeys(TunDrop.TOO_BIG);
    }

    @Test
    void packetsOutliveANewSessionOfTheirClient() throws Exception {
        channel();
        UUID uuid = TestClient.ours();
        TestClient client = client(uuid);
        send(client, packet("10.8.0.2", SERVER, 1));
        tun.send(packet(SERVER, "10.8.0.2", 2));
        TestClient again = client(uuid);
        assertThat(packet(again, ask(again))).isEqualTo(packet(SERVER, "10.8.0.2", 2));
        CompletableFuture<TunnelReply> reply = ask(again);
        tun.send(packet(SERVER, "10.8.0.2", 3));
        assertThat(packet(again, reply)).isEqualTo(packet(SERVER, "10.8.0.2", 3));
        assertThat(tun.drops).isEmpty();
    }

    @Test
    void oneClientCannotTakeAllAddresses() throws Exception {
        channel();
        TestClient greedy = client();
        for (int i = 0; i < AddressTable.MOST_PER_CLIENT + 50; i++) {
            send(greedy, packet("10.9." + i / 256 + "." + i % 256, SERVER, 1));
        }
        tun.send(packet(SERVER, "10.9.0.0", 1));
        assertThat(tun.drops).as("the oldest is forgotten").containsEntry(TunDrop.NO_PEER, 1);
        tun.send(packet(SERVER, "10.9.1.49", 1));
        assertThat(tun.drops).containsEntry(TunDrop.NO_PEER, 1);
    }

    @Test
    void deviceMayComeAndGo() throws Exception {
        ChannelComponent channel = channel();
        TestClient client = client();
        send(client, packet("10.8.0.2", SERVER, 1));
        channel.unsetTun(tun);
        assertThat(tun.isInUse()).isFalse();
        assertThat(send(client, packet("10.8.0.2", SERVER, 2))).isEqualTo(200);
        channel.setTun(tun);
        send(client, packet("10.8.0.2", SERVER, 3));
        assertThat(tun.written).hasSize(2);
        channel.deactivate();
        assertThat(tun.isInUse()).isFalse();
    }

    @Test
    void channelWithoutADeviceConfiguredTakesNoPackets() throws Exception {
        server.channel(new TestServer.Connector(), TestServer.properties());
        TestClient client = client();
        assertThat(send(client, packet("10.8.0.2", SERVER, 1))).isEqualTo(400);
        assertThat(TestClient.get(ask(client)).status()).isEqualTo(400);
    }

    @Test
    void wrongAssignmentsAreRefusedWithAMessage() {
        for (String wrong : List.of("x", "x=10.8.0.2", OFFICE + "=10.8.0", OFFICE + "=10.8.0.0/33")) {
            assertThatThrownBy(() -> channel("tun.clients", wrong))
                    .hasMessageContaining("tun.clients = " + wrong)
                    .hasMessageContaining("must be UUID=ADDRESS[/BITS]");
        }
        assertThatThrownBy(() -> channel("tun.filters", new String[] {"none", "office"}))
                .hasMessageContaining("tun.filters")
                .hasMessageContaining("must name packet filters, or be the single word none");
    }

    @Test
    void aClientThatDoesNotAskCostsBoundedMemory() throws Exception {
        channel();
        TestClient client = client();
        send(client, packet("10.8.0.2", SERVER, 1));
        byte[] large = ByteBuffer.wrap(Arrays.copyOf(packet(SERVER, "10.8.0.2", 1), 1400))
                .putShort(2, (short) 1400)
                .array();
        for (int i = 0; i < 20_000; i++) {
            tun.send(large);
        }
        assertThat(tun.drops.get(TunDrop.QUEUE)).as("the queue is bounded").isPositive();
    }
}

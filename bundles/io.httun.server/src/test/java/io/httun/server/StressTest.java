// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.L7Container;
import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Many clients at once, both ways, while replies get lost and uploads come twice: every byte must arrive, once. */
class StressTest {
    private static final int CLIENTS = 8;
    private static final int BYTES = 3 << 20;

    @Test
    void everyByteComesBackWhateverGetsLost() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try (TestServer server = new TestServer();
                TestTarget target = new TestTarget()) {
            server.channel();
            List<Future<?>> done = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                TestClient client = TestClient.connected(server, i == 0 ? TestClient.stock() : TestClient.ours());
                client.write(target.address(), new byte[] {'!'});
                Socket socket = target.accept();
                done.add(threads.submit(() -> echo(socket)));
                byte[] data = new byte[BYTES];
                new Random(i).nextBytes(data);
                done.add(threads.submit(() -> upload(client, target, data)));
                done.add(threads.submit(() -> download(client, data)));
            }
            for (Future<?> each : done) {
                each.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static Void echo(Socket socket) throws IOException {
        try (socket) {
            socket.getInputStream().transferTo(socket.getOutputStream());
        }
        return null;
    }

    private static Void upload(TestClient client, TestTarget target, byte[] data) throws Exception {
        Random random = new Random(data[0]);
        int at = 0;
        while (at <= data.length) {
            int length = Math.min(1 + random.nextInt(60_000), data.length - at);
            byte[] part = new byte[length];
            System.arraycopy(data, at, part, 0, length);
            byte[] frame = client.writeFrame(client.nextWrite++, target.address(), part);
            int tries = random.nextInt(8) == 0 ? 2 : 1;
            while (tries > 0) {
                int status = TestClient.get(client.sendWrite(frame)).status();
                assertThat(status).isIn(200, 503);
                tries -= status == 200 ? 1 : 0;
            }
            at += length == 0 ? 1 : length;
        }
        return null;
    }

    private static Void download(TestClient client, byte[] data) throws Exception {
        Random random = new Random(data[1]);
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        byte[] request = client.readFrame(Operation.L7_FROM_SERVER, client.nextRead++);
        while (true) {
            TunnelReply reply = TestClient.get(client.sendRead(request));
            if (reply.status() == 200 && random.nextInt(6) == 0) {
                reply.body().release();
                reply.delivery().failed();
            } else if (reply.status() == 200) {
                ByteBuf payload = client.open(reply.body()).payload();
                ByteBuf bytes = L7Container.read(payload).data();
                reply.body().release();
                reply.delivery().written();
                if (!bytes.isReadable()) {
                    break;
                }
                bytes.readBytes(got, bytes.readableBytes());
            } else {
                assertThat(reply.status()).isEqualTo(408);
            }
            request = client.readFrame(Operation.L7_FROM_SERVER, client.nextRead++);
        }
        byte[] all = got.toByteArray();
        assertThat(all[0]).isEqualTo((byte) '!');
        assertThat(java.util.Arrays.copyOfRange(all, 1, all.length)).isEqualTo(data);
        return null;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import io.httun.api.tunnel.Carrier;
import io.httun.api.tunnel.TunnelReply;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One connection of a web server: assigns records to their requests (FastCGI sections 3 to 6), writes the answers. */
final class FcgiConnection extends ChannelInboundHandlerAdapter implements RecordDecoder.Records {
    private static final TunnelReply TOO_SLOW = TunnelReply.bare(408, List.of(TunnelReply.NO_STORE));

    /** More than FCGI_BEGIN_REQUEST and most FCGI_GET_VALUES have. */
    private static final int FIRST_BYTES = 64;

    private final Serving serving;
    private final RecordDecoder decoder = new RecordDecoder();
    private final IntObjectMap<FcgiRequest> requests = new IntObjectHashMap<>(4);
    private final Carrier carrier = new Carrier();
    private ChannelHandlerContext context;
    private boolean closesWhenIdle;

    private int type;
    private int id;
    private int length;
    /** Request that the record belongs to; null if there is none. */
    private FcgiRequest current;
    /** Content of a record that is needed whole. */
    private ByteBuf gathered = Unpooled.EMPTY_BUFFER;

    FcgiConnection(Serving serving) {
        this.serving = serving;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        serving.connections.add(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ignored, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            decoder.decode(in, this);
        } catch (FcgiException e) {
            serving.complain(PeerFault.NOT_FASTCGI, e.getMessage());
            context.close();
        } finally {
            in.release();
        }
    }

    /** A request that begins after the connection has closed would never be given back to the limits. */
    @Override
    public boolean goOn() {
        return context.channel().isActive();
    }

    @Override
    public void begin(int recordType, int requestId, int contentLength) {
        type = recordType;
        id = requestId;
        length = contentLength;
        current = requests.get(requestId);
        if (type == Fcgi.BEGIN_REQUEST || type == Fcgi.GET_VALUES) {
            // Grows with the content: a header alone may claim much.
            gathered = context.alloc().heapBuffer(Math.min(contentLength, FIRST_BYTES));
        }
    }

    @Override
    public void content(ByteBuf in, int piece) {
        if (type == Fcgi.BEGIN_REQUEST || type == Fcgi.GET_VALUES) {
            gathered.writeBytes(in, piece);
        } else if (current != null && !current.isDispatched()) {
            if (type == Fcgi.PARAMS) {
                current.params(in, piece);
            } else if (type == Fcgi.STDIN) {
                current.body(in, piece);
            }
        }
    }

    @Override
    public void end() {
        if (id == Fcgi.NULL_REQUEST_ID) {
            endOfManagement();
        } else if (type == Fcgi.BEGIN_REQUEST) {
            beginRequest();
        } else if (current == null) {
            // Section 3.3: such records are ignored. A request may have been answered or aborted meanwhile.
            serving.complain(PeerFault.STRAY, "type " + type + " for request " + id);
        } else if (type == Fcgi.ABORT_REQUEST) {
            end(current, Fcgi.REQUEST_COMPLETE);
        } else if (length == 0 && !current.isDispatched()) {
            if (type == Fcgi.PARAMS) {
                current.endOfParams();
            } else if (type == Fcgi.STDIN) {
                dispatch(current);
            }
        }
        current = null;
        gathered.release();
        gathered = Unpooled.EMPTY_BUFFER;
    }

    private void endOfManagement() {
        if (type == Fcgi.GET_VALUES) {
            getValues();
        } else if (type > Fcgi.UNKNOWN_TYPE || type == 0) {
            write(RecordEncoder.unknownType(context.alloc(), type));
        } else {
            serving.complain(PeerFault.STRAY, "type " + type + " for request 0");
        }
    }

    private void getValues() {
        Map<String, String> known = Map.of(
                "FCGI_MAX_CONNS", "" + serving.settings().connectionsMax(),
                "FCGI_MAX_REQS", "" + serving.settings().requestsMax(),
                "FCGI_MPXS_CONNS", "1");
        Map<String, String> answer = new LinkedHashMap<>();
        try {
            NameValues.read(gathered, (name, value) -> {
                if (known.containsKey(name)) {
                    answer.put(name, known.get(name));
                }
            });
        } catch (FcgiException e) {
            serving.complain(PeerFault.PARAMETERS, e.getMessage());
        }
        write(RecordEncoder.values(context.alloc(), answer));
    }

    private void beginRequest() {
        if (current != null) {
            serving.complain(PeerFault.STRAY, "a second begin of request " + id);
            return;
        }
        boolean cut = gathered.readableBytes() < 3;
        int role = cut ? 0 : gathered.readUnsignedShort();
        boolean keeps = !cut && (gathered.readByte() & Fcgi.KEEP_CONN) != 0;
        FcgiRequest request = new FcgiRequest(id, keeps, serving);
        requests.put(id, request);
        serving.requests.increment();
        if (!serving.begun()) {
            serving.complain(PeerFault.REQUESTS, "" + serving.settings().requestsMax());
            request.refuse(TunnelReply.unavailable());
        }
        if (role != Fcgi.RESPONDER) {
            serving.complain(PeerFault.ROLE, "role " + role);
            end(request, Fcgi.UNKNOWN_ROLE);
        }
    }

    private void dispatch(FcgiRequest request) {
        serving.waits(1);
        request.dispatch(carrier).whenComplete((reply, failure) -> {
            if (context.executor().inEventLoop()) {
                answered(request, reply, failure);
            } else {
                context.executor().execute(() -> answered(request, reply, failure));
            }
        });
    }

    private void answered(FcgiRequest request, TunnelReply reply, Throwable failure) {
        if (requests.get(request.id()) == request) {
            answer(request, failure == null ? reply : TunnelReply.unavailable());
        } else if (failure == null) {
            giveUp(reply);
        }
    }

    private static void giveUp(TunnelReply reply) {
        reply.body().release();
        reply.delivery().failed();
    }

    private void answer(FcgiRequest request, TunnelReply reply) {
        if (!context.channel().isActive()) {
            giveUp(reply);
            return;
        }
        ByteBuf out;
        try {
            out = RecordEncoder.reply(context.alloc(), request.id(), reply);
        } finally {
            reply.body().release();
        }
        finish(request, out).addListener(written -> {
            if (written.isSuccess()) {
                reply.delivery().written();
            } else {
                reply.delivery().failed();
            }
        });
    }

    /** Ends a request without an answer. */
    private void end(FcgiRequest request, int protocolStatus) {
        finish(request, RecordEncoder.end(context.alloc(), request.id(), 0, protocolStatus));
    }

    private ChannelFuture finish(FcgiRequest request, ByteBuf last) {
        forget(request);
        closesWhenIdle |= !request.keepsConnection();
        ChannelFuture written = context.writeAndFlush(last);
        if (closesWhenIdle && requests.isEmpty()) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
        return written;
    }

    private void forget(FcgiRequest request) {
        requests.remove(request.id());
        serving.ended();
        if (request.isDispatched()) {
            serving.waits(-1);
        }
        request.discard();
    }

    private void write(ByteBuf out) {
        context.writeAndFlush(out);
    }

    /** The connection is idle: gives up incomplete records and requests. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ignored, Object event) {
        if (!(event instanceof IdleStateEvent)) {
            return;
        }
        if (decoder.isWithinRecord()) {
            serving.complain(PeerFault.SLOW, "a record cut off");
            context.close();
            return;
        }
        for (FcgiRequest request : List.copyOf(requests.values())) {
            if (!request.isDispatched()) {
                serving.complain(PeerFault.SLOW, "no end of its parameters or its body");
                answer(request, TOO_SLOW);
            }
        }
    }

    /** Reads no requests while the peer does not read answers. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ignored) {
        context.channel().config().setAutoRead(context.channel().isWritable());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ignored) {
        serving.connections.remove(this);
        for (FcgiRequest request : List.copyOf(requests.values())) {
            forget(request);
        }
        gathered.release();
        gathered = Unpooled.EMPTY_BUFFER;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ignored, Throwable failure) {
        serving.complain(PeerFault.NOT_FASTCGI, String.valueOf(failure));
        context.close();
    }

    /** Answers waiting requests and closes: the endpoint stops, sessions continue. Any thread. */
    void stop() {
        context.executor().execute(() -> {
            closesWhenIdle = true;
            for (FcgiRequest request : List.copyOf(requests.values())) {
                answer(request, TunnelReply.unavailable());
            }
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        });
    }

    ChannelFuture closed() {
        return context.channel().closeFuture();
    }
}

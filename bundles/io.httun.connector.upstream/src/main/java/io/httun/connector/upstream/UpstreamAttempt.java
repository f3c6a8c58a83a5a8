// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.proxy.ForwardingConnector.Forwarding;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.connector.upstream.ProxyException.Fault;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One attempt to reach a target through proxies: tries the alternatives in order, each again if that may help. On one
 * event loop.
 */
final class UpstreamAttempt implements ChainAttempt.Outcome {
    private static final int MAX_REDIALS = 3;
    private static final int MAX_ADDRESSES = 3;

    private final ChainAttempt.Ground ground;
    private final ChainAttempt.Wish wish;
    private final Target wanted;
    private final Promise<Forwarding> result;
    private final Iterator<List<UpstreamProxy>> chains;
    private List<UpstreamProxy> chain;
    private ChainAttempt trial;
    private Future<?> deadline;
    private int redials;
    private int address;

    private UpstreamAttempt(ChainAttempt.Ground ground, ChainAttempt.Wish wish, List<List<UpstreamProxy>> chains) {
        this.ground = ground;
        this.wish = wish;
        this.wanted = wish.target();
        this.chains = chains.iterator();
        this.result = ground.loop().newPromise();
    }

    static Future<Forwarding> begin(
            ChainAttempt.Ground ground, ChainAttempt.Wish wish, List<List<UpstreamProxy>> chains) {
        UpstreamAttempt passage = new UpstreamAttempt(ground, wish, chains);
        passage.result.addListener(end -> passage.ended(end.isSuccess()));
        ground.loop().execute(passage::nextChain);
        return passage.result;
    }

    private void ended(boolean success) {
        if (deadline != null) {
            deadline.cancel(false);
        }
        if (!success) {
            abandon();
        }
    }

    private void nextChain() {
        chain = chains.next();
        redials = 0;
        if (deadline != null) {
            deadline.cancel(false);
        }
        int seconds = ground.running().settings().connectSeconds();
        deadline = ground.loop().schedule(() -> tooSlow(seconds), seconds, TimeUnit.SECONDS);
        dial();
    }

    private void dial() {
        abandon();
        if (result.isDone()) {
            return;
        }
        trial = new ChainAttempt(ground, chain, chain.isEmpty() ? wish : wish.to(atOneAddress()), this);
        trial.start();
    }

    private void abandon() {
        if (trial != null) {
            trial.giveUp();
        }
    }

    private Target atOneAddress() {
        return wanted.addresses().isEmpty()
                ? wanted
                : wanted.withAddresses(List.of(wanted.addresses().get(address)));
    }

    @Override
    public void arrived(Channel channel, Optional<UpstreamProxy> forwarder) {
        Forwarding forwarding = new Forwarding(
                channel, forwarder.map(proxy -> ground.running().state(proxy).converse()));
        if (!result.trySuccess(forwarding)) {
            channel.close();
        }
    }

    private void tooSlow(int seconds) {
        if (chain.isEmpty()) {
            failed(new ProxyException(Fault.TARGET, Cause.TIMED_OUT, "no answer within " + seconds + " s"));
            return;
        }
        UpstreamProxy proxy = current();
        boolean reached = trial.hasBegun();
        if (reached) {
            ground.running().state(proxy).silent();
        }
        failed(new ProxyException(
                reached ? Fault.TARGET : Fault.PROXY,
                Cause.TIMED_OUT,
                proxy + " did not answer within " + seconds + " s (connect.seconds)"));
    }

    private UpstreamProxy current() {
        return chain.get(Math.min(trial.hop(), chain.size() - 1));
    }

    @Override
    public void failed(ProxyException failure) {
        switch (failure.fault()) {
            case CONNECTION -> {
                if (++redials < MAX_REDIALS) {
                    dial();
                } else {
                    proxyFailed(failure);
                }
            }
            case PROXY -> proxyFailed(failure);
            case TARGET -> targetFailed(failure);
        }
    }

    private void proxyFailed(ProxyException failure) {
        if (!chain.isEmpty()) {
            ground.running().state(current()).failed(failure.getMessage());
        }
        otherwise(failure);
    }

    /** The target of every proxy but the last is the next proxy. */
    private void targetFailed(ProxyException failure) {
        int next = trial.hop() + 1;
        if (next < chain.size() && failure.refusal() != Cause.TIMED_OUT) {
            ground.running().state(chain.get(next)).failed(failure.getMessage());
            otherwise(failure);
        } else if (isAddressAtFault(failure.refusal()) && address + 1 < addresses()) {
            address++;
            dial();
        } else {
            result.tryFailure(failure);
        }
    }

    private static boolean isAddressAtFault(Cause cause) {
        return cause == Cause.CONNECTION_REFUSED || cause == Cause.UNREACHABLE || cause == Cause.FAILED;
    }

    private int addresses() {
        return Math.min(MAX_ADDRESSES, wanted.addresses().size());
    }

    private void otherwise(ProxyException failure) {
        if (chains.hasNext() && !result.isDone()) {
            nextChain();
        } else {
            result.tryFailure(failure);
        }
    }
}

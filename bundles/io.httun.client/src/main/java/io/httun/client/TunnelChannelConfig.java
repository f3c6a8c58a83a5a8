// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.WriteBufferWaterMark;
import java.util.Map;

/** The options of sockets: half-closure, allowed by default, and {@code SO_LINGER = 0} for a reset. Auto-read is off by default. */
final class TunnelChannelConfig extends DefaultChannelConfig {
    private static final int LOW_WATER = 256 * 1024;
    private static final int HIGH_WATER = 1024 * 1024;

    private volatile boolean halfClosure = true;
    private volatile int linger = -1;

    TunnelChannelConfig(Channel channel) {
        super(channel);
        setAutoRead(false);
        setWriteBufferWaterMark(new WriteBufferWaterMark(LOW_WATER, HIGH_WATER));
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
        return getOptions(super.getOptions(), ChannelOption.ALLOW_HALF_CLOSURE, ChannelOption.SO_LINGER);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T getOption(ChannelOption<T> option) {
        if (option == ChannelOption.SO_LINGER) {
            return (T) Integer.valueOf(linger);
        }
        return option == ChannelOption.ALLOW_HALF_CLOSURE ? (T) Boolean.valueOf(halfClosure) : super.getOption(option);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        if (option == ChannelOption.ALLOW_HALF_CLOSURE) {
            validate(option, value);
            halfClosure = (Boolean) value;
            return true;
        }
        if (option == ChannelOption.SO_LINGER) {
            validate(option, value);
            linger = (Integer) value;
            return true;
        }
        return super.setOption(option, value);
    }
}

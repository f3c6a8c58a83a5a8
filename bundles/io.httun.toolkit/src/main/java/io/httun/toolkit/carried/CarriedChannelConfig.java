// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.carried;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.WriteBufferWaterMark;
import java.util.Map;

/** Nothing is read unasked, and {@code SO_LINGER = 0} can be set as on a socket, so that a close can be told from an abort. */
public final class CarriedChannelConfig extends DefaultChannelConfig {
    private static final int LOW_WATER = 256 << 10;
    private static final int HIGH_WATER = 1 << 20;

    private volatile int linger = -1;

    public CarriedChannelConfig(Channel channel) {
        super(channel);
        setAutoRead(false);
        setWriteBufferWaterMark(new WriteBufferWaterMark(LOW_WATER, HIGH_WATER));
    }

    /** Whether a close is to be told as an abort. */
    public boolean isAbort() {
        return linger == 0;
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
        return getOptions(super.getOptions(), ChannelOption.SO_LINGER);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T getOption(ChannelOption<T> option) {
        return option == ChannelOption.SO_LINGER ? (T) Integer.valueOf(linger) : super.getOption(option);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        if (option == ChannelOption.SO_LINGER) {
            validate(option, value);
            linger = (Integer) value;
            return true;
        }
        return super.setOption(option, value);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelMemoryTest {
    private static List<Method> natives(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(method -> Modifier.isNative(method.getModifiers()))
                .toList();
    }

    @Test
    void givesItsAddressToNobody() {
        assertThat(natives(KernelMemory.class)).allMatch(method -> Modifier.isPrivate(method.getModifiers()));
        assertThat(Arrays.stream(KernelMemory.class.getDeclaredMethods())
                        .filter(method -> !Modifier.isPrivate(method.getModifiers())))
                .noneMatch(method -> method.getName().contains("address"));
        assertThat(natives(LibC.class))
                .extracting(Method::getName)
                .doesNotContain("read", "write", "poll", "bind", "send", "recv");
    }
}

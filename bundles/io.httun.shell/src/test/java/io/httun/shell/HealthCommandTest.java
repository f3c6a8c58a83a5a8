// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;

class HealthCommandTest {
    private final FakeServices services = new FakeServices();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final HealthCommand command = new HealthCommand();

    private String run() throws Exception {
        return Run.command(command, services, printed);
    }

    @Test
    void allIsWell() throws Exception {
        add(FrameCipher.class);
        add(KeyAgreement.class);
        assertThat(run()).isEqualToNormalizingNewlines("Everything is as it is configured to be.\n");
    }

    private <T> void add(Class<T> type) {
        services.add(type, FakeServices.proxy(type, (method, arguments) -> null));
    }

    @Test
    void failsAndNamesAProblemWithItsRemedy() {
        add(FrameCipher.class);
        assertThatThrownBy(this::run).hasMessage("1 problem");
        assertThat(printed.toString())
                .isEqualToNormalizingNewlines("crypto: no provider of KeyAgreement\n"
                        + "    remedy: bundle:start io.httun.crypto.jca, or io.httun.crypto.bouncycastle\n");
    }

    @Test
    void printsAnObjectForEachProblem() {
        command.json = true;
        assertThatThrownBy(this::run).hasMessage("2 problems");
        assertThat(printed.toString())
                .startsWith("[{\"part\":\"crypto\",\"what\":\"no provider of FrameCipher\",\"remedy\":\"");
    }
}

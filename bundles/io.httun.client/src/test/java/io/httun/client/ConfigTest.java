// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.StrictConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigTest {
    @TempDir
    Path folder;

    private Map<String, Object> good() {
        Map<String, Object> properties = new HashMap<>();
        properties.put("service.pid", "io.httun.client~home");
        properties.put("felix.fileinstall.filename", "file:/etc/io.httun.client-home.cfg");
        properties.put("name", "home");
        properties.put("urls", "http://one.test/httun/, https://two.test:8443");
        properties.put("id", "7");
        properties.put("secret.file", file("key", Fixture.SECRET));
        return properties;
    }

    private String file(String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text).toString();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ClientSettings read(Map<String, Object> properties) {
        return StrictConfig.read(ClientConfig.class, properties, ClientSettings::of);
    }

    @Test
    void connectsDirectlyWhereOnlyTheReferenceNamesAConnector() {
        Map<String, Object> properties = good();
        properties.put("connector.target", "(!(name=*))");

        assertThat(read(properties).wayOut()).isEqualTo(WayOut.DIRECT);
    }

    @Test
    void readsWhatIsRight() {
        Map<String, Object> properties = good();
        properties.put("extra.headers", new String[] {"X-One: 1", "Accept:"});
        properties.put("address.family", "ipv6");
        properties.put("basic.auth.file", file("basic", "joe:pass"));
        ClientSettings settings = read(properties);
        assertThat(settings.urls())
                .containsExactly(
                        new ServerUrl(false, "one.test", 80, "/httun"), new ServerUrl(true, "two.test", 8443, ""));
        assertThat(settings.extraHeaders())
                .containsExactly(new ExtraHeader("x-one", "1"), new ExtraHeader("accept", ""));
        assertThat(settings.family()).isEqualTo(AddressFamily.IPV6);
        assertThat(settings).isEqualTo(read(properties));
        assertThat(settings.toString()).doesNotContain(Fixture.SECRET).doesNotContain("am9l");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            name            |                              | name
            urls            | ''                           | urls = []: must hold at least one
            urls            | ftp://host                   | urls = ftp://host: must be http://HOST
            urls            | http://joe:pw@host           | urls = http://***@host: must be
            urls            | http://host/?a=b             | urls = http://host/?a=b: must be
            id              | 32768                        | id = 32768: must be 0 to 32767
            secret          | 00                           | not both
            secret.file     | /nowhere                     | secret.file = /nowhere: cannot be read
            basic.auth.file | /nowhere                     | basic.auth.file = /nowhere: cannot be read
            user.agent      | Ünï                          | user.agent = Ünï: must hold printable ASCII
            extra.headers   | nonsense                     | extra.headers = nonsense: must be 'Name: value'
            extra.headers   | Content-Length: 5            | belongs to the tunnel
            address.family  | ipx                          | address.family = ipx: must be any, ipv4 or ipv6
            tls.pin         | abc                          | tls.pin = abc: must be a SHA-256
            tls.pin         | !!!!                         | tls.pin = !!!!: is neither hex nor base64
            sessions.max    | 0                            | sessions.max = 0: must be 1 to 65536
            queue.max       | -1                           | queue.max = -1: must be 0 to 65536
            queue.seconds   | 0                            | queue.seconds = 0: must be 1 to 3600
            window.length   | 0                            | window.length = 0: must be 1 to 32767
            connect.seconds | 61                           | connect.seconds = 61: must be 1 to 60
            init.seconds    | 0                            | init.seconds = 0: must be 1 to 60
            write.seconds   | x                            | write.seconds = x: must be a number
            read.seconds    | 5                            | read.seconds = 5: must be 6 to 60
            colour          | red                          | colour = red: no such property
            """)
    void namesWhatIsWrong(String property, String value, String message) {
        Map<String, Object> properties = good();
        if (value == null) {
            properties.remove(property);
        } else {
            properties.put(property, value);
        }
        assertThatThrownBy(() -> read(properties))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("io.httun.client-home.cfg: ")
                .hasMessageContaining(message)
                .hasMessageNotContaining("pw@");
    }

    @Test
    void theSecretIsNoPassword() {
        Map<String, Object> properties = good();
        properties.put("basic.auth.file", file("basic", "joe:" + Fixture.SECRET));
        assertThatThrownBy(() -> read(properties)).hasMessageContaining("must not be the channel's secret");
    }

    @Test
    void aTrustStoreThatIsNoneIsNamed() {
        Map<String, Object> properties = good();
        properties.put("tls.trust", "/nowhere.pem");
        assertThatThrownBy(() -> read(properties))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("tls.trust = /nowhere.pem: cannot be read");
        properties.put("tls.trust", file("garbage", "garbage"));
        assertThatThrownBy(() -> read(properties))
                .hasMessageContaining("tls.trust = ")
                .hasMessageContaining("must be system, none, or");
    }
}

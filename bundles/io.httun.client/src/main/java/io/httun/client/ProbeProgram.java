// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.config.ConfigException;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.tunnel.PathReport;
import io.httun.protocol.KeyLife;
import io.httun.protocol.NonceSource;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.status.Json;
import io.httun.toolkit.status.PathReportText;
import io.httun.toolkit.tunnel.TunnelLink;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** {@code httun probe}: a probe of a path outside Karaf. Reads the link from standard input, because other users can see the arguments of a command. */
public final class ProbeProgram {
    private static final int WRONG_USE = 2;

    private ProbeProgram() {}

    /** Arguments: {@code --idle}, {@code --json}, {@code --trust WORD}. Exit code 0 if the path works, 1 if not. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<String> words = Arrays.asList(arguments);
        int trust = words.indexOf("--trust");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String text = in.readLine();
        int code = 1;
        try {
            code = run(
                    text == null ? "" : text,
                    trust < 0 || trust + 1 == words.size() ? "system" : words.get(trust + 1),
                    words.contains("--idle"),
                    words.contains("--json"),
                    System.out,
                    System.err);
        } catch (ConfigException e) {
            System.err.println("httun: " + e.getMessage());
            code = WRONG_USE;
        }
        System.exit(code);
    }

    /** @param text a link with a secret, or the URL of a server */
    static int run(String text, String trust, boolean idle, boolean json, PrintStream out, PrintStream progress)
            throws InterruptedException {
        boolean secret = text.strip().startsWith("httun");
        ClientSettings settings = secret ? settings(TunnelLink.parse(text), trust) : settings(text.strip(), trust);
        try (ProbeLoops loops = new ProbeLoops()) {
            Surroundings surroundings = new Surroundings(
                    loops,
                    loops,
                    () -> null,
                    () -> CIPHER,
                    () -> AGREEMENT,
                    KeyLife::new,
                    () -> null,
                    new NonceSource(new SecureRandom()));
            PathReport report = new PathProbe(ClientContext.of(settings, surroundings), PathProbe.Limits.DEFAULT)
                    .run(idle, secret, step -> progress.println("httun: " + step));
            if (json) {
                out.println(Json.write(report));
            } else {
                PathReportText.lines(report).forEach(out::println);
            }
            return report.problem().isEmpty() ? 0 : 1;
        }
    }

    private static final FrameCipher CIPHER = make("io.httun.crypto.jca.JcaFrameCipher", FrameCipher.class);
    private static final KeyAgreement AGREEMENT = make("io.httun.crypto.jca.JcaKeyAgreement", KeyAgreement.class);

    /** Loads a provider by name: there is no framework to inject one, and this bundle must not depend on one. */
    private static <T> T make(String name, Class<T> type) {
        try {
            return type.cast(Class.forName(name).getConstructor().newInstance());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(name + " is not in the class path", e);
        }
    }

    private static ClientSettings settings(TunnelLink link, String trust) {
        return settings(link.url(), link.id(), new String(link.secret().toHex(), StandardCharsets.US_ASCII), trust);
    }

    /** Returns the configuration of a stranger, with a random secret. */
    private static ClientSettings settings(String url, String trust) {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        return settings(url, 0, HexFormat.of().formatHex(random), trust);
    }

    private static ClientSettings settings(String url, int id, String secret, String trust) {
        return StrictConfig.read(
                ClientConfig.class,
                Map.of(
                        "service.pid",
                        "probe",
                        "name",
                        "probe",
                        "urls",
                        url,
                        "id",
                        id,
                        "secret",
                        secret,
                        "tls.trust",
                        trust),
                ClientSettings::of);
    }
}

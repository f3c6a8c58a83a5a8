// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.config.ConfigException;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.crypto.SharedSecret;
import io.httun.api.proxy.SingleProxyFactory;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.PathReport;
import io.httun.protocol.KeyLife;
import io.httun.protocol.NonceSource;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.status.Json;
import io.httun.toolkit.status.PathReportText;
import io.httun.toolkit.status.Trouble;
import io.httun.toolkit.tunnel.TunnelLink;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/** {@code httun probe}: a probe of a path outside Karaf. Reads the link from standard input, because other users can see the arguments of a command. */
public final class ProbeProgram {
    private static final int WRONG_USE = 2;

    private ProbeProgram() {}

    /** Arguments: see {@link ProbeOptions}. Exit code 0 if the path works, 1 if not. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String text = in.readLine();
        int code = 1;
        try {
            code = run(text == null ? "" : text, ProbeOptions.of(arguments), System.getenv(), System.out, System.err);
        } catch (ConfigException e) {
            System.err.println("httun: " + e.getMessage());
            code = WRONG_USE;
        }
        System.exit(code);
    }

    /** @param text a link with a secret, or the URL of a server */
    static int run(
            String text, ProbeOptions options, Map<String, String> environment, PrintStream out, PrintStream progress)
            throws InterruptedException {
        boolean secret = text.strip().startsWith("httun");
        TunnelLink link = secret ? TunnelLink.parse(text) : stranger(text.strip());
        ServerUrl url = ServerUrl.parse(link.url());
        Optional<ProxyEnvironment.Proxy> proxy = options.proxyFor(url, environment);
        try (ProbeLoops loops = new ProbeLoops()) {
            Optional<TargetConnector> connector = proxy.map(way -> through(way, loops));
            Surroundings surroundings = new Surroundings(
                    loops,
                    loops,
                    () -> connector.orElse(null),
                    () -> CIPHER,
                    () -> AGREEMENT,
                    KeyLife::new,
                    () -> null,
                    new NonceSource(new SecureRandom()));
            ClientSettings settings = settings(link, options.trust(), proxy.map(ProxyEnvironment.Proxy::url));
            PathReport report = new PathProbe(ClientContext.of(settings, surroundings), PathProbe.Limits.DEFAULT)
                    .run(options.idle(), secret, step -> progress.println("httun: " + step));
            if (options.json()) {
                out.println(withOwnRemedy(Json.write(report)));
            } else {
                PathReportText.lines(report).stream()
                        .map(ProbeProgram::withOwnRemedy)
                        .forEach(out::println);
            }
            return report.problem().isEmpty() ? 0 : 1;
        }
    }

    /** What to do in a program, where no file configures the proxy. */
    private static String withOwnRemedy(String text) {
        String own = "give the proxy's login with --proxy-login FILE";
        return text.replace("; credentials.file has none for it", "")
                .replace("the login of credentials.file", "the login")
                .replace(Trouble.PROXY_LOGIN.remedy(), own)
                .replace(Trouble.PROXY_LOGIN_WRONG.remedy(), own);
    }

    private static TargetConnector through(ProxyEnvironment.Proxy proxy, ProbeLoops loops) {
        TargetConnector direct = make(
                "io.httun.connector.DirectConnector",
                TargetConnector.class,
                new Class<?>[] {EventLoops.class, Map.class},
                loops,
                Map.of("name", "direct"));
        return make("io.httun.connector.upstream.UpstreamProxyFactory", SingleProxyFactory.class, new Class<?>[0])
                .through(loops, loops, direct, proxy.url(), proxy.login());
    }

    private static final FrameCipher CIPHER =
            make("io.httun.crypto.jca.JcaFrameCipher", FrameCipher.class, new Class<?>[0]);
    private static final KeyAgreement AGREEMENT =
            make("io.httun.crypto.jca.JcaKeyAgreement", KeyAgreement.class, new Class<?>[0]);

    /** Loads a part by name: there is no framework to inject one, and this bundle must not depend on one. */
    private static <T> T make(String name, Class<T> type, Class<?>[] parameters, Object... arguments) {
        try {
            return type.cast(Class.forName(name).getConstructor(parameters).newInstance(arguments));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(name + " is not in the class path", e);
        }
    }

    /** The link of a stranger, with a random secret. */
    private static TunnelLink stranger(String url) {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        return new TunnelLink(url, "probe", 0, SharedSecret.ofHex(HexFormat.of().formatHex(random)));
    }

    /** @param proxy URL, which the report shows as the name of the connector */
    private static ClientSettings settings(TunnelLink link, String trust, Optional<String> proxy) {
        Map<String, Object> properties = new HashMap<>();
        properties.put("service.pid", "probe");
        properties.put("name", "probe");
        properties.put("urls", link.url());
        properties.put("id", link.id());
        properties.put("secret", new String(link.secret().toHex(), StandardCharsets.US_ASCII));
        properties.put("tls.trust", trust);
        proxy.ifPresent(url -> {
            properties.put("connector.target", url);
            properties.put("http.proxy", "forward");
        });
        return StrictConfig.read(ClientConfig.class, properties, ClientSettings::of);
    }
}

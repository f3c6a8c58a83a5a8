// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import jcifs.CIFSContext;
import jcifs.CIFSException;
import jcifs.config.PropertyConfiguration;
import jcifs.context.BaseContext;
import jcifs.ntlmssp.Type1Message;
import jcifs.ntlmssp.Type2Message;
import jcifs.ntlmssp.Type3Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** NTLMv2 over HTTP: three messages on one connection, which is then authenticated. */
final class NtlmScheme implements LoginScheme {
    private static final Logger LOG = LoggerFactory.getLogger(NtlmScheme.class);
    private static final String PREFIX = "NTLM ";
    private static final int NO_FLAGS = 0;

    private final ProxyCredentials credentials;
    private byte[] negotiate;
    private byte[] authenticate;
    private boolean done;

    NtlmScheme(ProxyCredentials credentials) {
        this.credentials = credentials;
    }

    /** Created at the first NTLM challenge; opens no socket. */
    private static final class Context {
        static final CIFSContext SHARED = make();

        private static CIFSContext make() {
            Properties properties = new Properties();
            // NTLMv2 only, without a look-up of the host's name.
            properties.setProperty("jcifs.smb.lmCompatibility", "3");
            properties.setProperty("jcifs.netbios.hostname", "HTTUN");
            try {
                return new BaseContext(new PropertyConfiguration(properties));
            } catch (CIFSException e) {
                throw new IllegalStateException("constant settings", e);
            }
        }
    }

    @Override
    public String authorization(String method, String uri) {
        if (authenticate != null) {
            byte[] message = authenticate;
            authenticate = null;
            done = true;
            return PREFIX + Base64.getEncoder().encodeToString(message);
        }
        if (done) {
            return "";
        }
        negotiate = new Type1Message(Context.SHARED, Type1Message.getDefaultFlags(Context.SHARED), null, null)
                .toByteArray();
        return PREFIX + Base64.getEncoder().encodeToString(negotiate);
    }

    @Override
    public boolean isReady() {
        return done || authenticate != null;
    }

    @Override
    public boolean goesOn(List<ProxyChallenge> challenges) {
        return !done
                && negotiate != null
                && challenges.stream()
                        .filter(challenge -> challenge.scheme().equals("ntlm")
                                && !challenge.token().isEmpty())
                        .findFirst()
                        .filter(this::answer)
                        .isPresent();
    }

    private boolean answer(ProxyChallenge challenge) {
        try {
            byte[] got = Base64.getDecoder().decode(challenge.token());
            Type2Message type2 = new Type2Message(got);
            Type3Message type3 = new Type3Message(
                    Context.SHARED,
                    type2,
                    null,
                    credentials.password(),
                    credentials.domain(),
                    credentials.account(),
                    null,
                    NO_FLAGS);
            if (type3.isMICRequired()) {
                type3.setupMIC(negotiate, got);
            }
            authenticate = type3.toByteArray();
            return true;
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            LOG.debug("A proxy's NTLM message is invalid", e);
            return false;
        }
    }
}

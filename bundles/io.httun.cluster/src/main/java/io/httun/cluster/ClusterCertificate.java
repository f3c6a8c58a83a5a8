// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.HttunException;
import io.httun.api.crypto.SharedSecret;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * The P-256 key that all members derive from the cluster key, and a certificate of it: who proves that it has the private key has the cluster
 * key. The certificate says nothing else, and is valid at any time, so that a wrong clock does no harm.
 */
record ClusterCertificate(PrivateKey key, X509Certificate certificate) {
    private static final String CURVE = SECNamedCurves.getName(SECObjectIdentifiers.secp256r1);
    private static final X500Name NAME = new X500Name("CN=httun cluster");
    private static final AlgorithmIdentifier SIGNATURE = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);

    static ClusterCertificate of(SharedSecret clusterKey) {
        try {
            BigInteger scalar = scalar(clusterKey);
            ECParameterSpec curve = curve();
            KeyFactory keys = KeyFactory.getInstance("EC");
            PrivateKey key = keys.generatePrivate(new ECPrivateKeySpec(scalar, curve));
            var point = SECNamedCurves.getByOID(SECObjectIdentifiers.secp256r1)
                    .getG()
                    .multiply(scalar)
                    .normalize();
            ECPoint affine = new ECPoint(
                    point.getAffineXCoord().toBigInteger(),
                    point.getAffineYCoord().toBigInteger());
            return new ClusterCertificate(key, sign(keys.generatePublic(new ECPublicKeySpec(affine, curve)), key));
        } catch (GeneralSecurityException | IOException e) {
            throw new HttunException("the JDK or Bouncy Castle lacks P-256 (" + e.getMessage() + ")", e);
        }
    }

    private static ECParameterSpec curve() throws GeneralSecurityException {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec(CURVE));
        return parameters.getParameterSpec(ECParameterSpec.class);
    }

    /** 1 to n - 1, from twice the bits, which leaves no bias (FIPS 186-5 appendix A.2.1). */
    private static BigInteger scalar(SharedSecret clusterKey) {
        byte[] high = ClusterKey.derive(clusterKey, "TLS key, high half").toBytes();
        byte[] low = ClusterKey.derive(clusterKey, "TLS key, low half").toBytes();
        BigInteger most =
                SECNamedCurves.getByOID(SECObjectIdentifiers.secp256r1).getN().subtract(BigInteger.ONE);
        try {
            return new BigInteger(1, high)
                    .shiftLeft(Byte.SIZE * low.length)
                    .or(new BigInteger(1, low))
                    .mod(most)
                    .add(BigInteger.ONE);
        } finally {
            Arrays.fill(high, (byte) 0);
            Arrays.fill(low, (byte) 0);
        }
    }

    private static X509Certificate sign(PublicKey certified, PrivateKey key)
            throws GeneralSecurityException, IOException {
        V3TBSCertificateGenerator content = new V3TBSCertificateGenerator();
        content.setSerialNumber(new ASN1Integer(1));
        content.setIssuer(NAME);
        content.setSubject(NAME);
        content.setStartDate(new Time(new ASN1GeneralizedTime("19700101000000Z")));
        content.setEndDate(new Time(new ASN1GeneralizedTime("99991231235959Z")));
        content.setSignature(SIGNATURE);
        content.setSubjectPublicKeyInfo(SubjectPublicKeyInfo.getInstance(certified.getEncoded()));
        var signed = content.generateTBSCertificate();
        Signature signer = Signature.getInstance("SHA256withECDSA");
        signer.initSign(key);
        signer.update(signed.getEncoded());
        ASN1EncodableVector whole = new ASN1EncodableVector();
        whole.add(signed);
        whole.add(SIGNATURE);
        whole.add(new DERBitString(signer.sign()));
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(new DERSequence(whole).getEncoded()));
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "ClusterCertificate[" + HexFormat.of().toHexDigits(certificate.hashCode()) + "]";
    }
}

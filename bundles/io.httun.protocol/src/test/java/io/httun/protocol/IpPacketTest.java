// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.tun.TunDrop;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class IpPacketTest {
    /** An echo request from 10.0.0.1 to 10.0.0.2 with 4 bytes. */
    private static final String PING = "4500002000010000400166da0a0000010a0000020800e1c41234000101020304";

    private static final String V6 = "6000000000083a40" + "fd000000000000000000000000000001"
            + "fd000000000000000000000000000002" + "8000000012340001";

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    private static TunDrop defect(byte[] packet) {
        return IpPacket.defect(packet, 0, packet.length);
    }

    @Test
    void findsNothingWrongWithWholePackets() {
        assertThat(defect(hex(PING))).isNull();
        assertThat(defect(hex(V6))).isNull();
    }

    @Test
    void saysWhatIsWrong() {
        assertThat(defect(new byte[0])).isEqualTo(TunDrop.TRUNCATED);
        assertThat(defect(hex("45"))).isEqualTo(TunDrop.TRUNCATED);
        assertThat(defect(Arrays.copyOf(hex(V6), 39))).isEqualTo(TunDrop.TRUNCATED);
        assertThat(defect(hex("00" + PING.substring(2)))).isEqualTo(TunDrop.NOT_IP);
        assertThat(defect(hex("44" + PING.substring(2)))).isEqualTo(TunDrop.WRONG_LENGTH);
        assertThat(defect(hex("4f" + PING.substring(2)))).isEqualTo(TunDrop.TRUNCATED);
        assertThat(defect(hex(PING + "00"))).isEqualTo(TunDrop.WRONG_LENGTH);
        assertThat(defect(Arrays.copyOf(hex(V6), 47))).isEqualTo(TunDrop.WRONG_LENGTH);
    }

    @Test
    void readsAddressesOfBothFamilies() {
        byte[] v4 = hex("ffff" + PING);
        assertThat(Arrays.copyOfRange(v4, IpPacket.sourceAt(v4, 2), IpPacket.destinationAt(v4, 2)))
                .isEqualTo(hex("0a000001"));
        byte[] v6 = hex(V6);
        assertThat(Arrays.copyOfRange(v6, IpPacket.destinationAt(v6, 0), 40))
                .isEqualTo(hex("fd000000000000000000000000000002"));
        assertThat(IpPacket.protocol(v6, 0)).isEqualTo(IpPacket.ICMPV6);
    }

    @Test
    void sumsUpAsTheKernelDoes() {
        byte[] packet = hex(PING);
        assertThat(InternetChecksum.finish(InternetChecksum.add(0, packet, 0, 20)))
                .isZero();
        assertThat(InternetChecksum.finish(InternetChecksum.add(0, packet, 20, 12)))
                .isZero();
    }

    @Property
    void sumsUpAsTheRfcSays(@ForAll @Size(max = 200) byte[] bytes, @ForAll @IntRange(max = 20) int from) {
        int offset = Math.min(from, bytes.length);
        long words = 0;
        for (int i = offset; i < bytes.length; i += 2) {
            words += (bytes[i] & 0xff) << 8 | (i + 1 < bytes.length ? bytes[i + 1] & 0xff : 0);
        }
        while (words > 0xffff) {
            words = (words & 0xffff) + (words >>> 16);
        }
        assertThat(InternetChecksum.fold(InternetChecksum.add(0, bytes, offset, bytes.length - offset)))
                .isEqualTo((int) words);
    }

    @Test
    void sumsUpTheLargestPacketOfOnesWithoutLosingACarry() {
        byte[] ones = new byte[65_534];
        Arrays.fill(ones, (byte) 0xff);
        assertThat(InternetChecksum.fold(InternetChecksum.add(0xffff_ffffL, ones, 0, ones.length)))
                .isEqualTo(0xffff);
    }

    @Property
    void neverFailsOnAnything(@ForAll @Size(max = 100) byte[] packet, @ForAll @IntRange(max = 15) int first) {
        for (int version : new int[] {0x40, 0x60, 0x45 - first}) {
            if (packet.length > 0) {
                packet[0] = (byte) (version | first);
            }
            if (defect(packet) == null) {
                IcmpError.tooBig(packet, 0, packet.length, 1280)
                        .ifPresent(error -> assertThat(defect(error)).isNull());
                IcmpError.prohibited(packet, 0, packet.length)
                        .ifPresent(error -> assertThat(defect(error)).isNull());
            }
        }
    }

    @Test
    void answersAPingWithAnErrorThatAKernelTakes() {
        byte[] error = IcmpError.tooBig(hex(PING), 0, 32, 1400).orElseThrow();
        assertThat(defect(error)).isNull();
        assertThat(InternetChecksum.finish(InternetChecksum.add(0, error, 0, 20)))
                .isZero();
        assertThat(InternetChecksum.finish(InternetChecksum.add(0, error, 20, error.length - 20)))
                .isZero();
        assertThat(HexFormat.of().formatHex(error))
                .contains("0a0000020a000001")
                .contains("0304")
                .endsWith(PING);
        assertThat(IpPacket.unsignedShort(error, 26)).isEqualTo(1400);
        assertThat(IcmpError.prohibited(hex(PING), 0, 32).orElseThrow()[21]).isEqualTo((byte) 13);
    }

    @Test
    void answersIpv6AsWell() {
        byte[] error = IcmpError.tooBig(hex(V6), 0, 48, 1280).orElseThrow();
        assertThat(defect(error)).isNull();
        long pseudo = IpPacket.pseudoHeader(error, 0, IpPacket.ICMPV6, error.length - 40);
        assertThat(InternetChecksum.finish(InternetChecksum.add(pseudo, error, 40, error.length - 40)))
                .isZero();
        assertThat(Arrays.copyOfRange(error, 40, 42)).isEqualTo(hex("0200"));
    }

    @Test
    void neverAnswersAnErrorOrAGroup() {
        byte[] error = IcmpError.prohibited(hex(PING), 0, 32).orElseThrow();
        assertThat(IcmpError.prohibited(error, 0, error.length)).isEmpty();
        byte[] group = hex(PING);
        group[16] = (byte) 0xe0;
        assertThat(IcmpError.tooBig(group, 0, 32, 1400)).isEmpty();
        byte[] v6 = IcmpError.prohibited(hex(V6), 0, 48).orElseThrow();
        assertThat(IcmpError.prohibited(v6, 0, v6.length)).isEmpty();
    }

    /** Headers of IPv4 and TCP with flags, before {@code data} bytes. */
    private static byte[] tcp(int data, int flags) {
        byte[] packet = new byte[40 + data];
        packet[0] = 0x45;
        IpPacket.putShort(packet, 2, packet.length);
        packet[6] = 0x40;
        packet[9] = IpPacket.TCP;
        packet[32] = 0x50;
        packet[33] = (byte) flags;
        return packet;
    }

    private static boolean passes(byte[] packet, int mtu) {
        return IpPacket.passes(packet, 0, packet.length, mtu);
    }

    @Test
    void largerThanTheMtuPassesOnlyWhatCanBeCutOrFragmented() {
        byte[] segment = tcp(2000, 0x18);
        assertThat(IpPacket.cuttableAt(segment, 0, 2040, 1400)).isEqualTo(40);
        assertThat(passes(segment, 1400)).isTrue();
        assertThat(passes(segment, 47)).as("no room for data").isFalse();
        assertThat(passes(tcp(2000, 0x02), 1400)).as("SYN").isFalse();
        assertThat(passes(tcp(2000, 0x02), 2040)).as("not larger").isTrue();
        segment[6] = 0x20;
        assertThat(IpPacket.cuttableAt(segment, 0, 2040, 1400)).as("a fragment").isZero();
        byte[] datagram = tcp(2000, 0);
        datagram[9] = IpPacket.UDP;
        assertThat(passes(datagram, 1400)).as("must not be fragmented").isFalse();
        datagram[6] = 0;
        assertThat(passes(datagram, 1400)).as("may be fragmented").isTrue();
        assertThat(passes(Arrays.copyOf(hex(V6), 2000), 1400)).as("IPv6").isFalse();
    }
}

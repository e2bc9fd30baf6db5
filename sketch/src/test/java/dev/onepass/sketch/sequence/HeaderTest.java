// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.sketch.polynomial.PolynomialFamily;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

class HeaderTest {

  private static Header header() {
    return header(Decay.NONE);
  }

  private static Header header(Decay decay) {
    return Header.of(
        new HeadSpec("h", 64, 32, 1, 65536, 20, PolynomialFamily.INSTANCE, 0, Map.of())
            .withDecay(decay));
  }

  private static Decay decay(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> Decay.byTime(Duration.ofMillis(1 + random.nextLong(Long.MAX_VALUE)));
      case 1 -> Decay.byTokens(1 + random.nextLong(Long.MAX_VALUE));
      default -> Decay.NONE;
    };
  }

  @Example
  void aNewHeaderSaysThatNothingWasSeen() {
    Header header = Header.fromByteArray(header().toByteArray());
    assertThat(header.keyDim()).isEqualTo(64);
    assertThat(header.valueDim()).isEqualTo(32);
    assertThat(header.layout()).isEqualTo(StateLayout.of(64, 32, 65536, 20, Decay.NONE));
    assertThat(header.tokens()).isZero();
    assertThat(header.isExact()).isTrue();
    assertThat(header.lastPosition()).isEqualTo(-1);
    assertThat(header.stateBytes()).isEqualTo(StateLayout.RESERVED_BYTES);
    assertThat(header.toByteArray()).hasSize(Header.BYTES);
  }

  @Property(seed = "8", tries = 300, shrinking = ShrinkingMode.OFF)
  void everyFieldGoesToBytesAndBack(@ForAll long seed) {
    Random random = new Random(seed);
    Decay decay = decay(random);
    Header header = header(decay);
    int accepted = random.nextInt(50);
    boolean positions = random.nextBoolean();
    for (int i = 0; i < accepted; i++) {
      header.countAccepted(positions ? i * 3L : Sequence.NO_POSITION);
    }
    int retracted = random.nextInt(accepted + 1);
    for (int i = 0; i < retracted; i++) {
      header.countRetracted();
    }
    int duplicates = random.nextInt(5);
    for (int i = 0; i < duplicates; i++) {
      header.countDuplicate();
    }
    int pending = random.nextInt(20);
    header.pending(pending);
    int sketchBytes = random.nextInt(40_000);
    header.sketchBytes(sketchBytes);
    boolean left = random.nextBoolean();
    if (left) {
      header.leaveExactMode(2);
    }
    TokenOrigin origin =
        new TokenOrigin(random.nextInt(4) - 1, random.nextInt(0x10000), random.nextLong());
    header.origin(origin);
    long time = random.nextLong(1, 1L << 50);
    assertThat(header.advance(time)).isEqualTo(decay.isOn() ? time : 0);
    boolean incomplete = random.nextBoolean();
    if (incomplete) {
      header.markIncomplete();
    }

    Header read = Header.fromByteArray(header.toByteArray());
    assertThat(read.accepted()).isEqualTo(accepted);
    assertThat(read.tokens()).isEqualTo(accepted - retracted);
    assertThat(read.lastPosition()).isEqualTo(positions && accepted > 0 ? 3L * accepted - 3 : -1);
    assertThat(read.wouldMix(true)).isEqualTo(accepted > 0 && !positions);
    assertThat(read.wouldMix(false)).isEqualTo(accepted > 0 && positions);
    assertThat(read.duplicates()).isEqualTo(duplicates);
    assertThat(read.pending()).isEqualTo(pending);
    assertThat(read.isExact()).isNotEqualTo(left);
    assertThat(read.family()).isEqualTo(left ? 2 : 0);
    assertThat(read.stateBytes())
        .isEqualTo(
            StateLayout.RESERVED_BYTES
                + pending * ((decay.isOn() ? 18 : 10) + 4 * 96L)
                + sketchBytes);
    assertThat(read.origin()).isEqualTo(origin);
    assertThat(read.isIncomplete()).isEqualTo(incomplete);
    assertThat(read.clock()).isEqualTo(decay.isOn() ? time : 0);
    assertThat(read.decay()).isEqualTo(decay);
    assertThat(read.layout()).isEqualTo(header.layout());
    assertThat(read.toByteArray()).isEqualTo(header.toByteArray());
  }

  @Property(seed = "81", tries = 5000, shrinking = ShrinkingMode.OFF)
  void otherBytesAreRefusedOrAHeader(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] bytes = header().toByteArray();
    if (random.nextInt(4) == 0) {
      random.nextBytes(bytes);
    }
    for (int i = random.nextInt(5); i >= 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    if (random.nextInt(4) == 0) {
      bytes = Arrays.copyOf(bytes, random.nextInt(120));
    }
    try {
      Header header = Header.fromByteArray(bytes);
      byte[] again = header.toByteArray();
      assertThat(again).isEqualTo(bytes);
      assertThat(header.layout().sketchBytes()).isNotNegative();
    } catch (CorruptSketchException refused) {
      assertThat(refused).hasMessageNotContaining("null");
    }
  }

  @Example
  void theClockNeverGoesBack() {
    Header header = header(Decay.byTime(Duration.ofSeconds(1)));
    assertThat(header.advance(5_000)).isEqualTo(5_000);
    assertThat(header.advance(4_000)).isEqualTo(5_000);
    assertThat(header.advance(-1)).isEqualTo(5_000);
    assertThat(header.clock()).isEqualTo(5_000);

    Header counting = header(Decay.byTokens(10));
    assertThat(counting.advance(0)).isEqualTo(1);
    assertThat(counting.advance(0)).isEqualTo(2);
    assertThat(counting.advance(9)).isEqualTo(9);
    assertThat(counting.advance(3)).isEqualTo(10);
  }

  @Example
  void aForgottenSequenceLacksNothing() {
    Header header = header();
    header.countAccepted(0);
    header.origin(new TokenOrigin(3, 1, 7));
    header.markIncomplete();
    assertThat(header.isBlank()).isFalse();

    Header fresh =
        header.forgotten(
            new HeadSpec("h", 64, 32, 1, 65536, 20, PolynomialFamily.INSTANCE, 0, Map.of()));

    assertThat(fresh.isIncomplete()).isFalse();
    assertThat(fresh.isBlank()).isTrue();
  }

  @Example
  void impossibleNumbersAreRefused() {
    Object[][] forged = {
      {0, (byte) 0}, // version
      {0, (byte) 3},
      {0, (byte) 5},
      {1, (byte) 64}, // flags
      {1, (byte) 0}, // flags of version 3
      {1, (byte) 8}, // closed, but exact
      {2, (short) 0}, // key dim
      {4, (short) 0}, // value dim
      {6, (short) 1}, // family, but exact
      {8, 100}, // state size
      {12, 0}, // cut size
      {12, 1 << 20},
      {16, -1}, // pending
      {20, -1}, // sketch bytes
      {24, -1L}, // accepted
      {32, 1L}, // retracted, of none
      {60, -1}, // bytes for queries
      {64, -1}, // bytes of queries
      {68, -2}, // partition
      {82, -1L}, // clock
      {90, Long.MIN_VALUE}, // half-life
    };
    for (Object[] forgery : forged) {
      ByteBuffer bytes = ByteBuffer.wrap(header().toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
      int at = (int) forgery[0];
      if (forgery[1] instanceof Byte b) {
        bytes.put(at, b);
      } else if (forgery[1] instanceof Short s) {
        bytes.putShort(at, s);
      } else if (forgery[1] instanceof Integer i) {
        bytes.putInt(at, i);
      } else {
        bytes.putLong(at, (long) forgery[1]);
      }
      assertThatThrownBy(() -> Header.fromByteArray(bytes.array()))
          .as("offset %d", at)
          .isInstanceOf(CorruptSketchException.class);
    }
  }
}

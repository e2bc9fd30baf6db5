// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.ratings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RatingsFileTest {
  private static final String HEADER = "userId,movieId,rating,timestamp\n";

  @TempDir private Path directory;

  @Test
  void linesAreReadInTheOrderOfTime() throws IOException {
    Events events = read("a::0012::7::30\nb::0012::0::10\na::9::10::20\na::8::1::10\n");

    assertThat(events.users()).containsExactly(1, 0, 0, 0);
    assertThat(events.items()).containsExactly(0, 2, 1, 0);
    assertThat(events.ratings()).containsExactly(0, 1, 10, 7);
    assertThat(events.times()).containsExactly(10, 10, 20, 30);
    assertThat(events.userCount()).isEqualTo(2);
    assertThat(events.itemCount()).isEqualTo(3);
    assertThat(events.middle()).isEqualTo(5);
  }

  @Test
  void commaSeparatedValuesAreTheSameEvents() throws IOException {
    Events values = read(HEADER + "1,31,2.5,1260759144\n1,1029,3.0,1260759179\n7,31,4.0,1");
    Events lines = read("1::31::2.5::1260759144\n1::1029::3.0::1260759179\n7::31::4.0::1");

    assertThat(values).usingRecursiveComparison().isEqualTo(lines);
    assertThat(values.ratings()).containsExactly(4, 2.5f, 3);
  }

  @Test
  void manyEventsOfEqualTimesKeepTheirOrder() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int e = 0; e < 5_000; e++) {
      text.append("u%d::i%d::1::%d%n".formatted(e, e, e % 3));
    }

    Events events = read(text.toString());

    assertThat(events.times()).isSorted();
    for (int e = 1; e < events.count(); e++) {
      if (events.times()[e] == events.times()[e - 1]) {
        assertThat(events.items()[e]).isGreaterThan(events.items()[e - 1]);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1::2::3         | line 2: expected user::item::rating::time, found '1::2::3'",
        "1::2::3::4::5   | line 2: expected user::item::rating::time, found",
        "::2::3::4       | line 2: expected user::item::rating::time, found",
        "1::2::good::4   | line 2: the rating must be a number, found '1::2::good::4'",
        "1::2::NaN::4    | line 2: the rating must be a number",
        "1::2::3::monday | line 2: the time must be a whole number, found '1::2::3::monday'"
      })
  void aBadLineIsNamed(String line, String message) {
    assertThatThrownBy(() -> read("1::1::1::1\n" + line + "\n1::1::1::1\n"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ratings.txt, " + message);
  }

  @Test
  void aBadLineOfValuesIsNamed() {
    assertThatThrownBy(() -> read(HEADER + "1,2,3,4\n1::2::3::4\n"))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith(
            "ratings.txt, line 3: expected userId,movieId,rating,timestamp, found '1::2::3::4'");
  }

  @Test
  void filesWithoutRatingsAreRefused() {
    assertThatThrownBy(() -> read("")).hasMessageEndingWith("ratings.txt is empty");
    assertThatThrownBy(() -> read(HEADER))
        .hasMessageEndingWith("ratings.txt has a header, but no ratings");
    assertThatThrownBy(() -> read("user,item\n1,2\n"))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith(
            "line 1: expected the header userId,movieId,rating,timestamp or a line"
                + " user::item::rating::time, found 'user,item'");
    assertThatThrownBy(() -> RatingsFile.read(directory.resolve("nowhere")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nowhere does not exist");
  }

  @Test
  void usersWithFewEventsAreLeftOutAndOthersKeepTheirNumbers() throws IOException {
    Events events = read("a::x::1::1\nb::y::2::2\nb::x::3::3\nc::x::4::4\nb::z::5::5\n");

    Events some = events.ofUsersWith(2);

    assertThat(some.users()).containsExactly(1, 1, 1);
    assertThat(some.items()).containsExactly(1, 0, 2);
    assertThat(some.countsOfUsers()).containsExactly(0, 3, 0);
  }

  private Events read(String text) throws IOException {
    Path file = directory.resolve("ratings.txt");
    Files.writeString(file, text);
    return RatingsFile.read(file);
  }
}

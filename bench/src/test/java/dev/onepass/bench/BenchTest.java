// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.datasets.fleets.Fleet;
import dev.onepass.datasets.fleets.FleetFiles;
import dev.onepass.datasets.heads.FileHeads;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.planted.Planted;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchTest {
  private final PrintStream standardOut = System.out;
  private final PrintStream standardError = System.err;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream error = new ByteArrayOutputStream();
  @TempDir private Path directory;

  @BeforeEach
  void captureStreams() {
    System.setProperty("java.awt.headless", "true");
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(error, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void restoreStreams() {
    System.setOut(standardOut);
    System.setErr(standardError);
  }

  @Test
  void stateDoesNotGrow() throws IOException {
    assertThat(Bench.execute("claims", "--quick", "--only", "state", "--out", directory.toString()))
        .isZero();
    assertThat(directory.resolve("state.csv")).isNotEmptyFile();
    if (!error.toString(StandardCharsets.UTF_8).contains("no fonts")) {
      assertThat(Files.size(directory.resolve("state.png"))).isBetween(10_000L, 150_000L);
    }
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("| onepass paper | 100 000 | sketch |")
        .contains("**Verdict.**")
        .doesNotContain("GROWS")
        .doesNotContain("MORE THAN");
  }

  @Test
  void shardsPrintsTheShareOfTheBusiestThread() {
    assertThat(Bench.execute("shards", "--tokens", "0")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("| exponent | threads | even share | busiest | busiest with shards | shards |")
        .contains("| 1.2 | 16 | 0.0625 | ")
        .doesNotContain("RATIO");
    assertThat(Bench.execute("shards", "--shards", "3")).isEqualTo(Bench.IMPOSSIBLE);
    assertThat(error.toString(StandardCharsets.UTF_8))
        .contains("--shards must be a power of two from 2 to 128, not 3");
  }

  @Test
  void claimsReadsHeadsFromFiles() throws IOException {
    plantedHead("X", 8_192);
    String[] line = {
      "claims",
      "--quick",
      "--only",
      "premise",
      "--heads",
      "X",
      "--data",
      directory.toString(),
      "--out",
      directory.resolve("out").toString()
    };
    assertThat(Bench.execute(line)).isZero();
    assertThat(Files.readString(directory.resolve("out/premise.csv")))
        .containsPattern("\nX,0[.](49|50)");
  }

  @Test
  void reportsAMissingFile() {
    String nowhere = directory.resolve("nowhere").toString();
    String[] line = {
      "claims", "--only", "premise", "--data", nowhere, "--out", directory.toString()
    };
    assertThat(Bench.execute(line)).isEqualTo(2);
    assertThat(error.toString(StandardCharsets.UTF_8)).contains("L0H7_Q.npy does not exist");
  }

  @Test
  void refusesAnUnknownClaim() {
    assertThat(Bench.execute("claims", "--only", "weather")).isEqualTo(2);
    assertThat(error.toString(StandardCharsets.UTF_8))
        .contains("There is no claim 'weather'; the claims are state, error-n");
  }

  @Test
  void needsASubcommand() {
    assertThat(Bench.execute()).isEqualTo(2);
    assertThat(error.toString(StandardCharsets.UTF_8)).contains("--help");
  }

  private void plantedHead(String name) throws IOException {
    plantedHead(name, 4_096);
  }

  private void plantedHead(String name, int rows) throws IOException {
    Head head = Planted.gaussian(rows, 4, 4, 0.5, Planted.Values.SIGNAL, 7);
    FileHeads.write(
        directory, new Head(name, rows, 4, 4, head.queries(), head.keys(), head.values(), 1));
  }

  private int accuracy(String... more) {
    return measure("accuracy", more);
  }

  private int measure(String command, String... more) {
    String[] line = {command, "--data", directory.toString(), "--heads", "X"};
    return Bench.execute(Stream.of(line, more).flatMap(Stream::of).toArray(String[]::new));
  }

  @Test
  void accuracySkipsSketchesThatDoNotFit() throws IOException {
    plantedHead("X");
    Path csv = directory.resolve("new/accuracy.csv");
    String[] line = {"--state-sizes", "16KiB,1KiB", "--csv", csv.toString(), "--seeds", "2"};
    assertThat(accuracy(line)).isZero();
    List<String> rows = Files.readAllLines(csv);
    assertThat(rows.get(0))
        .isEqualTo(
            "head,sketch,state_bytes_allowed,state_bytes_used,shared_bytes,n,median,p95,relF,"
                + "coverage90,fold_us_per_token,query_us");
    String number = "[0-9.e-]+";
    assertThat(rows)
        .anyMatch(
            row ->
                row.matches(
                    "X,polynomial,16384,\\d+,0,2868,"
                        + (number + ",").repeat(3)
                        + ",%s,%s".formatted(number, number)))
        .anyMatch(row -> row.startsWith("X,uniform,1024,"))
        .noneMatch(row -> row.startsWith("X,exact"));
    assertThat(error.toString(StandardCharsets.UTF_8))
        .contains("X exact 16KiB: sequence full")
        .contains("the state size is used up");
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("| X | sinks+window | 16 384 |");
  }

  @Test
  void accuracyWritesAPlot() throws IOException {
    plantedHead("X");
    String[] line = {
      "--state-sizes", "8KiB,4KiB", "--sketches", "ridge,uniform", "--plot", directory.toString()
    };
    assertThat(accuracy(line)).isZero();
    if (!error.toString(StandardCharsets.UTF_8).contains("no fonts")) {
      assertThat(Files.size(directory.resolve("accuracy-X.png"))).isBetween(5_000L, 150_000L);
    }
  }

  private void plantedFleet(int window) throws IOException {
    Head head = Planted.gaussian(1_000, 4, 4, 0.5, Planted.Values.SIGNAL, 7);
    Head named = new Head("X", 1_000, 4, 4, head.queries(), head.keys(), head.values(), 1);
    FleetFiles.write(directory, Fleet.ofWindows(named, window));
  }

  @Test
  void fleetAnswersEverySequenceWithinItsBytes() throws IOException {
    plantedFleet(100);
    Path csv = directory.resolve("new/fleet.csv");
    String[] line = {
      "--state-sizes",
      "8KiB,2KiB",
      "--sketches",
      "all",
      "--seeds",
      "2",
      "--shuffle",
      "--csv",
      csv.toString(),
      "--plot",
      directory.toString()
    };
    assertThat(measure("fleet", line)).isZero();
    String number = "[0-9.e-]+";
    assertThat(Files.readAllLines(csv))
        .as("all 80 tokens of 32 bytes fit in 8 KiB")
        .anyMatch(row -> row.matches("X,hybrid,8192,\\d+,\\d+,\\d+,4,1,80,.*"))
        .anyMatch(row -> row.matches("X,exact,8192,\\d+,\\d+,0,4,1,80,.*"))
        .noneMatch(row -> row.startsWith("X,exact,2048,"))
        .anyMatch(
            row ->
                row.matches(
                    "X,polynomial,2048,\\d+,\\d+,0,4,0,80,(%1$s,){6},%1$s,%1$s,%1$s"
                        .formatted(number)))
        .allMatch(row -> row.startsWith("head,") || bytesAreAllowed(row.split(",")));
    assertThat(error.toString(StandardCharsets.UTF_8))
        .containsOnlyOnce("X exact 2KiB: sequence full");
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("| X | hybrid | 8 192 |");
    if (!error.toString(StandardCharsets.UTF_8).contains("no fonts")) {
      assertThat(Files.size(directory.resolve("fleet-X.png"))).isBetween(3_000L, 150_000L);
    }
  }

  private static boolean bytesAreAllowed(String[] row) {
    return Long.parseLong(row[4]) <= Long.parseLong(row[2]);
  }

  @Test
  void fleetReportsErrorsInOneLine() throws IOException {
    plantedFleet(50);
    assertThat(measure("fleet", "--past-share", "1")).isEqualTo(2);
    assertThat(measure("fleet", "--tokens-share", "0")).isEqualTo(2);
    assertThat(measure("fleet", "--min-rows", "1")).isEqualTo(2);
    assertThat(measure("fleet")).isEqualTo(2);
    assertThat(error.toString(StandardCharsets.UTF_8).lines())
        .hasSize(4)
        .anyMatch(line -> line.contains("--past-share must be above 0 and below 1, not 1.0"))
        .anyMatch(line -> line.contains("--tokens-share must be above 0 and below 1, not 0.0"))
        .anyMatch(line -> line.contains("--min-rows must be at least 2, not 1"))
        .anyMatch(line -> line.contains("no sequence of X after the past ones has 64 rows"));
  }

  @Test
  void accuracyReportsErrorsInOneLine() {
    assertThat(accuracy("--sketches", "weather")).isEqualTo(2);
    assertThat(accuracy("--state-sizes", "big")).isEqualTo(2);
    assertThat(accuracy("--seeds", "0")).isEqualTo(2);
    assertThat(accuracy()).isEqualTo(2);
    assertThat(Bench.execute("accuracy", "--heads", "X")).isEqualTo(2);
    assertThat(error.toString(StandardCharsets.UTF_8).lines())
        .hasSize(5)
        .anyMatch(line -> line.startsWith("There is no sketch 'weather'; the sketches are exact, "))
        .anyMatch(line -> line.contains("'big' is not a size"))
        .anyMatch(line -> line.contains("--seeds must be at least 1, not 0"))
        .anyMatch(line -> line.contains("X_Q.npy does not exist"))
        .anyMatch(line -> line.contains("--data"));
  }

  @Test
  void headsReportsErrorsInOneLine() {
    String to = directory.toString();
    String nowhere = directory.resolve("nowhere").toString();
    assertThat(Bench.execute("heads", "--heads", "L9H0", "--out", to)).isEqualTo(2);
    assertThat(Bench.execute("heads", "--heads", "L0H0", "--tokens", "0", "--out", to))
        .isEqualTo(2);
    assertThat(Bench.execute("heads", "--heads", "L0H0", "--text", nowhere, "--out", to))
        .isEqualTo(2);
    assertThat(error.toString(StandardCharsets.UTF_8).lines())
        .hasSize(3)
        .anyMatch(line -> line.contains("not L9H0"))
        .anyMatch(line -> line.contains("--tokens must be at least 1, not 0"))
        .anyMatch(line -> line.contains("nowhere does not exist"));
  }

  @Test
  void recommenderWritesAStreamThatAccuracyReads() {
    String[] line = {"recommender", "--out", directory.toString(), "--name", "X", "--rows", "6000"};
    assertThat(Bench.execute(line)).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .containsPattern("X: 6000 rows, standard deviation of the logits (1[.]9|2[.]0)");
    assertThat(accuracy("--state-sizes", "32KiB", "--sketches", "uniform,cluster")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("| X | cluster | 32 768 |");
  }

  @Test
  void recommenderReportsErrorsInOneLine() {
    String to = directory.toString();
    assertThat(Bench.execute("recommender", "--out", to, "--rows", "0")).isEqualTo(2);
    assertThat(Bench.execute("recommender", "--out", to, "--deviation", "0")).isEqualTo(2);
    assertThat(error.toString(StandardCharsets.UTF_8).lines())
        .hasSize(2)
        .anyMatch(line -> line.contains("--rows must be at least 100, not 0"))
        .anyMatch(line -> line.contains("--deviation must be above 0, not 0"));
  }

  @Test
  void recommenderMakesAFleetOfRatings() throws IOException {
    Path file = directory.resolve("ratings.dat");
    StringBuilder text = new StringBuilder("late::i1::10::99\nlate::i2::0::98\n");
    for (int e = 0; e < 60; e++) {
      text.append("u%d::i%d::%d::%d%n".formatted(e % 3, e * e % 7, e % 11, e));
    }
    Files.writeString(file, text.toString());
    String[] line = {"--ratings", file.toString(), "--min-events", "20", "--dim", "4"};

    assertThat(recommender(line)).isZero();

    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("RATINGS: 60 rows, 3 users with 20 (median) to 20 (maximum) rows, 4 items,")
        .contains("; 0 % of the items are not in the first 60 % of rows");
    Fleet fleet = FleetFiles.read(directory, "RATINGS");
    assertThat(fleet.sequences()).startsWith(1, 2, 3, 1, 2, 3).hasSize(60);
    assertThat(fleet.items()).isPresent();
    assertThat(fleet.head().keyDim()).isEqualTo(4);
    assertThat(cosineOfKeyAndValue(fleet.head(), 0)).isEqualTo(-1, within(1e-3));
  }

  @Test
  void recommenderGeneratesAFleetWhoseValuesNeedNotFollowFromKeys() throws IOException {
    assertThat(recommender("--users", "30", "--items", "500", "--dim", "16")).isZero();
    String[] line = {
      "--users", "30", "--items", "500", "--dim", "16", "--own-values", "--name", "OWN"
    };
    assertThat(recommender(line)).isZero();

    assertThat(out.toString(StandardCharsets.UTF_8))
        .containsPattern("USERS: \\d+ rows, 30 users with \\d+ [(]median[)] to \\d+ [(]maximum[)]")
        .contains("OWN: ");
    Fleet fleet = FleetFiles.read(directory, "USERS");
    Fleet own = FleetFiles.read(directory, "OWN");
    assertThat(own.head().keys()).isEqualTo(fleet.head().keys());
    assertThat(own.head().queries()).isEqualTo(fleet.head().queries());
    assertThat(meanCosine(fleet.head())).isGreaterThan(0.99);
    assertThat(meanCosine(own.head())).isLessThan(0.5);
  }

  @Test
  void rankingComparesScoresWithThoseOfExactAttention() throws IOException {
    assertThat(recommender("--users", "40", "--items", "300", "--dim", "8", "--name", "X"))
        .isZero();
    Path csv = directory.resolve("ranking.csv");
    String[] line = {
      "--state-sizes", "1MiB,2KiB", "--sketches", "exact,cluster,uniform", "--csv", csv.toString()
    };

    assertThat(measure("ranking", line)).isZero();

    assertThat(Files.readAllLines(csv))
        .contains("head,sketch,state_bytes_allowed,rankings,ndcg10,ndcg10_exact,kendall_tau")
        .anyMatch(row -> row.matches("X,exact,1048576,\\d+,(0[.]\\d+),\\1,(1|0[.]99\\d+)"))
        .anyMatch(row -> row.matches("X,cluster,2048,\\d+,[0-9.]+,[0-9.]+,0[.]\\d+"));
  }

  @Test
  void needlesAreFoundByThoseThatKeepEveryToken() throws IOException {
    plantedHead("X");
    Path csv = directory.resolve("needles.csv");
    String[] line = {
      "--state-sizes",
      "4MiB,4KiB",
      "--sketches",
      "exact,uniform",
      "--streams",
      "OUTLIERS",
      "--csv",
      csv.toString(),
      "--plot",
      directory.toString()
    };

    assertThat(measure("needles", line)).isZero();

    assertThat(Files.readAllLines(csv))
        .anyMatch(row -> row.startsWith("head,stream,sketch,state_bytes_allowed,state_bytes_used,"))
        .anyMatch(row -> row.matches("X,outliers,exact,4194304,\\d+,1,.*"))
        .anyMatch(row -> row.matches("X,outliers,uniform,4096,\\d+,0[.]?\\d*,.*"));
  }

  @Test
  void rankingNeedsItems() throws IOException {
    plantedFleet(100);
    assertThat(measure("ranking")).isEqualTo(2);
    assertThat(measure("ranking", "--candidates", "1")).isEqualTo(2);
    assertThat(measure("ranking", "--moments", "0")).isEqualTo(2);
    assertThat(error.toString(StandardCharsets.UTF_8))
        .contains("X has no items; a ranking needs X_I.npy")
        .contains("--candidates must be at least 2, not 1")
        .contains("--moments must be at least 1, not 0");
  }

  private int recommender(String... options) {
    String[] line = {"recommender", "--out", directory.toString()};
    return Bench.execute(Stream.of(line, options).flatMap(Stream::of).toArray(String[]::new));
  }

  private static double meanCosine(Head head) {
    return IntStream.range(0, head.rows())
        .mapToDouble(row -> Math.abs(cosineOfKeyAndValue(head, row)))
        .average()
        .orElseThrow();
  }

  private static double cosineOfKeyAndValue(Head head, int row) {
    int dim = head.keyDim();
    double product = 0;
    double keys = 0;
    double values = 0;
    for (int at = row * dim; at < (row + 1) * dim; at++) {
      product += head.keys()[at] * head.values()[at];
      keys += head.keys()[at] * head.keys()[at];
      values += head.values()[at] * head.values()[at];
    }
    return product / Math.sqrt(keys * values);
  }

  @Test
  void recommenderRefusesOptionsThatDoNotGoTogether() throws IOException {
    Path file = directory.resolve("ratings.dat");
    Files.writeString(file, "a::x::1::1\na::y::2::2\nb::x::bad::3\n");
    Path good = directory.resolve("good.dat");
    Files.writeString(good, "a::x::1::1\na::y::2::2\n");
    Path equal = directory.resolve("equal.dat");
    Files.writeString(equal, "a::x::1::1\nb::x::1::2\n");
    List<List<String>> lines =
        List.of(
            List.of("--ratings", file.toString(), "--users", "5"),
            List.of("--own-values"),
            List.of("--beta", "4"),
            List.of("--users", "5", "--rows", "1000"),
            List.of("--users", "5", "--min-events", "10"),
            List.of("--ratings", file.toString(), "--items", "10"),
            List.of("--users", "1"),
            List.of("--users", "5", "--dim", "0"),
            List.of("--users", "5", "--items", "31"),
            List.of("--users", "5", "--beta", "NaN"),
            List.of("--ratings", file.toString()),
            List.of("--ratings", good.toString()),
            List.of("--ratings", good.toString(), "--dim", "1"),
            List.of("--ratings", equal.toString(), "--dim", "1"));
    for (List<String> line : lines) {
      assertThat(recommender(line.toArray(String[]::new))).as("%s", line).isEqualTo(2);
    }
    assertThat(error.toString(StandardCharsets.UTF_8).lines())
        .filteredOn(line -> !line.startsWith("ratings  "))
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .isEqualTo(
                        "--ratings and --users exclude each other: events are either read or"
                            + " generated"),
            line -> assertThat(line).isEqualTo("--own-values needs --ratings or --users"),
            line -> assertThat(line).isEqualTo("--beta needs --ratings or --users"),
            line -> assertThat(line).isEqualTo("--rows is for a stream without users"),
            line -> assertThat(line).isEqualTo("--min-events needs --ratings"),
            line -> assertThat(line).isEqualTo("--items needs --users"),
            line -> assertThat(line).isEqualTo("--users must be at least 2, not 1"),
            line -> assertThat(line).isEqualTo("--dim must be at least 1, not 0"),
            line -> assertThat(line).isEqualTo("--items must be at least --dim, 32, not 31"),
            line -> assertThat(line).isEqualTo("--beta must be above 0, not NaN"),
            line ->
                assertThat(line)
                    .startsWith("Not possible: ")
                    .endsWith("line 3: the rating must be a number, found 'b::x::bad::3'."),
            line -> assertThat(line).endsWith("good.dat has 2 items, fewer than --dim, 32."),
            line ->
                assertThat(line)
                    .matches("Not possible: no user in .* has 50 events; lower --min-events."),
            line -> assertThat(line).endsWith("equal.dat are 1.0, so all values would be 0."));
  }

  @Test
  void accuracyPrintsATableForChoosingASketch() throws IOException {
    plantedHead("X");
    plantedHead("Y");
    String[] line = {
      "--heads", "Y", "--choose", "--state-sizes", "8KiB", "--sketches", "ridge,uniform"
    };
    assertThat(accuracy(line)).isZero();
    String number = "[0-9.e-]+";
    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .hasSize(4)
        .anyMatch(
            row ->
                row.equals(
                    "| state | sketch | used [KiB] | shared [KiB] | X relF (median, p95) "
                        + "| Y relF (median, p95) | within stated | fold [us] | query [us] |"))
        .anyMatch(
            row ->
                row.matches(
                    ("[|] 8KiB [|] ridge [|] N [|] 0 [|] N [(]N, N[)] [|] N [(]N, N[)] [|] - "
                            + "[|] N [|] N [|]")
                        .replace("N", number)));
  }

  @Test
  void calibrationAlsoUsesQueriesOfAnotherHead() throws IOException {
    plantedHead("X");
    plantedHead("Y");
    Path csv = directory.resolve("calibration.csv");
    // All tokens fit, so the answers are exact and within their stated errors.
    String[] line = {
      "--state-sizes", "1MiB", "--sketches", "ridge,uniform", "--foreign", "Y", "--seeds", "2"
    };
    assertThat(measure("calibration", line)).isZero();
    assertThat(
            measure(
                "calibration",
                "--state-sizes",
                "1MiB",
                "--sketches",
                "ridge",
                "--csv",
                csv.toString(),
                "--plot",
                directory.toString()))
        .isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("| X | X | ridge | 1 048 576 | 1 968 | 1 |")
        .contains("| X | Y | ridge | 1 048 576 | 1 968 | 1 |")
        .doesNotContain("uniform");
    assertThat(Files.readAllLines(csv)).hasSize(2);
    if (!error.toString(StandardCharsets.UTF_8).contains("no fonts")) {
      assertThat(Files.size(directory.resolve("calibration-X.png"))).isBetween(3_000L, 150_000L);
    }
    assertThat(measure("calibration", "--state-sizes", "8KiB", "--sketches", "uniform")).isZero();
    assertThat(measure("calibration", "--foreign", "Z")).isEqualTo(2);
    assertThat(error.toString(StandardCharsets.UTF_8))
        .contains("None of these sketches states errors.")
        .contains("Z_Q.npy does not exist");
  }

  @Test
  void calibrationOfAFleetCoversTheSequencesThatAreNotExact() throws IOException {
    Head head = Planted.gaussian(1_300, 4, 4, 0.5, Planted.Values.SIGNAL, 7);
    // Past: 500 and 500 rows; tested: 64, whose 51 tokens fit in 4 KiB, and 236.
    int[] sequences =
        IntStream.range(0, 1_300)
            .map(row -> row < 1_000 ? row / 500 : row < 1_064 ? 2 : 3)
            .toArray();
    Head named = new Head("X", 1_300, 4, 4, head.queries(), head.keys(), head.values(), 1);
    FleetFiles.write(directory, new Fleet(named, sequences, Optional.empty()));
    Path csv = directory.resolve("calibration.csv");
    String[] line = {
      "--fleet",
      "--state-sizes",
      "1MiB,4KiB",
      "--sketches",
      "anchors,uniform",
      "--seeds",
      "2",
      "--csv",
      csv.toString()
    };
    assertThat(measure("calibration", line)).isZero();
    assertThat(Files.readAllLines(csv))
        .as("48 queries of sequence 3 with each seed, none of sequences that are exact")
        .hasSize(2)
        .anyMatch(row -> row.matches("X,X,anchors,4096,96,(0[.][5-9]\\d*|1),.*,0"));
    assertThat(measure("calibration", "--shuffle")).isEqualTo(2);
    assertThat(measure("calibration", "--fleet", "--foreign", "X")).isEqualTo(2);
    assertThat(error.toString(StandardCharsets.UTF_8))
        .contains("--shuffle needs --fleet")
        .contains("leave out --foreign");
  }

  @Test
  void stabilityDrawsMoreTokensThanTheHeadHasRows() throws IOException {
    plantedHead("X");
    Path csv = directory.resolve("stability.csv");
    String[] line = {
      "--tokens",
      "2000,4096,50000",
      "--state-sizes",
      "8KiB",
      "--sketches",
      "ridge,exact",
      "--csv",
      csv.toString(),
      "--plot",
      directory.toString()
    };
    assertThat(measure("stability", line)).isZero();
    assertThat(Files.readAllLines(csv))
        .hasSize(4)
        .anyMatch(row -> row.matches("X,ridge,8192,1400,own,\\d+,[0-9.]+,1,.*"))
        .anyMatch(row -> row.matches("X,ridge,8192,2868,own,\\d+,[0-9.]+,(0[.][6-9]|1[.]).*"))
        .anyMatch(row -> row.matches("X,ridge,8192,50000,drawn,\\d+,[0-9.]+,(0[.][6-9]|1[.]).*"));
    assertThat(measure("stability", "--tokens", "0")).isEqualTo(2);
    assertThat(error.toString(StandardCharsets.UTF_8))
        .containsOnlyOnce("X exact 8KiB: sequence full")
        .contains("--tokens must be at least 1, not [0]");
  }

  @Test
  void heavyKeysFindNeedlesThatSketchesMiss() throws IOException {
    plantedHead("X");
    Path csv = directory.resolve("heavy.csv");
    String[] line = {
      "--streams",
      "as it is,outliers",
      "--shares",
      "0.2",
      "--state-sizes",
      "8KiB",
      "--sketches",
      "polynomial,uniform,exact",
      "--csv",
      csv.toString()
    };
    assertThat(measure("heavy", line)).isZero();
    List<String> rows = Files.readAllLines(csv);
    assertThat(rows.get(0))
        .isEqualTo(
            "head,stream,sketch,state_bytes_allowed,heavy_share,state_bytes_used,relF,"
                + "relF_without,ratio,recall,recall_without,fold_us_per_token,fold_us_without");
    assertThat(rows)
        .hasSize(3)
        .as("no key of the head is an outlier")
        .anyMatch(row -> row.matches("X,as it is,polynomial,8192,0.2,\\d+,([0-9.e-]+),\\1,1,,,.*"))
        .as("relF falls below a tenth, and all needles are found")
        .anyMatch(
            row ->
                row.matches(
                    "X,outliers,polynomial,8192,0.2,\\d+,[0-9.]+,[0-9.]+,0[.]0\\d+,1,0,.*"));
    assertThat(measure("heavy", "--shares", "0.7")).isEqualTo(2);
    assertThat(measure("heavy", "--streams", "rivers")).isEqualTo(2);
    assertThat(error.toString(StandardCharsets.UTF_8))
        .contains("--shares must be above 0 and at most 0.5, not 0.7")
        .contains("--streams: ");
  }

  @Test
  void decayComparesWithExactDecayedAttentionAndAShorterSequence() throws IOException {
    plantedHead("X");
    Path csv = directory.resolve("decay.csv");
    String[] line = {
      "--half-lives",
      "16,1024",
      "--state-sizes",
      "8KiB",
      "--sketches",
      "polynomial,uniform,exact",
      "--csv",
      csv.toString(),
      "--plot",
      directory.toString()
    };
    assertThat(measure("decay", line)).isZero();
    List<String> rows = Files.readAllLines(csv);
    assertThat(rows.get(0))
        .isEqualTo(
            "head,sketch,state_bytes_allowed,half_life_tokens,decay,state_bytes_used,relF,"
                + "relF_newest,ratio,relF_without_decay,coverage90");
    String number = "[0-9.e-]+";
    String ratio = "(0[.]\\d+|1|1[.][01]\\d*)";
    assertThat(rows)
        .hasSize(5)
        .as("23 tokens are kept exactly")
        .anyMatch(
            row ->
                row.matches("X,polynomial,8192,16,tokens,(%s,){3},%s,".formatted(number, number)))
        .anyMatch(
            row ->
                row.matches(
                    "X,polynomial,8192,1024,tokens,(%s,){3}%s,%s,"
                        .formatted(number, ratio, number)))
        .anyMatch(
            row ->
                row.matches(
                    "X,polynomial,8192,1024,time,(%s,){3}%s,%s,".formatted(number, ratio, number)));
    assertThat(error.toString(StandardCharsets.UTF_8))
        .containsOnlyOnce("X exact 8KiB: sequence full");
  }

  @Test
  void decayRefusesHalfLivesThatDoNotFitTheHead() throws IOException {
    plantedHead("X");
    assertThat(measure("decay", "--half-lives", "100,0")).isEqualTo(2);
    assertThat(measure("decay", "--half-lives", "2000")).isEqualTo(2);
    assertThat(error.toString(StandardCharsets.UTF_8).lines())
        .hasSize(2)
        .anyMatch(line -> line.contains("--half-lives must be at least 1, not 0"))
        .anyMatch(
            line ->
                line.contains(
                    "--half-lives: 1.44 half-lives of 2000 tokens are more than the 2868 tokens of X"));
  }
}

package dev.onepass.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.bench.data.Head;
import dev.onepass.bench.data.NpyFiles;
import dev.onepass.bench.data.Planted;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
  void catchStreams() {
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
  void stateIsFlat() throws IOException {
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
  void headsComeFromFiles() throws IOException {
    Head head = Planted.gaussian(8_192, 4, 4, 0.5, Planted.Values.SIGNAL, 7);
    NpyFiles.write(directory.resolve("X_Q.npy"), head.rows(), 4, head.queries());
    NpyFiles.write(directory.resolve("X_K.npy"), head.rows(), 4, head.keys());
    NpyFiles.write(directory.resolve("X_V.npy"), head.rows(), 4, head.values());
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
  void saysWhatIsMissing() {
    String nowhere = directory.resolve("nowhere").toString();
    String[] line = {
      "claims", "--only", "premise", "--data", nowhere, "--out", directory.toString()
    };
    assertThat(Bench.execute(line)).isEqualTo(2);
    assertThat(error.toString(StandardCharsets.UTF_8)).contains("L0H7_Q.npy is not there");
  }

  @Test
  void refusesAnUnknownClaim() {
    assertThat(Bench.execute("claims", "--only", "weather")).isEqualTo(2);
    assertThat(error.toString(StandardCharsets.UTF_8))
        .contains("There is no claim 'weather'; there are state, error-n");
  }

  @Test
  void needsASubcommand() {
    assertThat(Bench.execute()).isEqualTo(2);
    assertThat(error.toString(StandardCharsets.UTF_8)).contains("--help");
  }
}

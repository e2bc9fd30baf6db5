package dev.onepass.operators.holes;

import dev.onepass.operators.event.SequenceKey;
import java.time.Duration;
import java.util.Optional;

/**
 * Names sequences whose tokens come from more than one partition. There may be any number of them,
 * and of their tokens, so it names one now and then.
 */
public final class MovedSequences {

  /** From one name to the next. */
  static final Duration QUIET = Duration.ofMinutes(1);

  private long quietUntil = Long.MIN_VALUE;
  private long unnamed;

  /**
   * Returns what to say of a token, or nothing where something was said a moment ago.
   *
   * @param before partition of the sequence's tokens before it
   * @param now the clock, in epoch milliseconds
   */
  public Optional<String> line(SequenceKey key, int before, int partition, long now) {
    if (now < quietUntil) {
      unnamed++;
      return Optional.empty();
    }
    String line =
        ("head %s, sequence %s: a token came from partition %d, those before it from partition %d (%d more tokens like it since the last such line)."
                + " Tokens of one sequence overtake each other in two partitions, and those that are overtaken are dropped as duplicates:"
                + " let all producers choose partitions alike, by the record's key, and keep the number of partitions;"
                + " a sequence that has moved for good needs nothing, one that lacks tokens has to be forgotten and sent again")
            .formatted(key.head(), printable(key.sequence()), partition, before, unnamed);
    quietUntil = now + QUIET.toMillis();
    unnamed = 0;
    return Optional.of(line);
  }

  /** A sequence's id is any text; in a log it must not look like another line. */
  private static String printable(String id) {
    return id.replaceAll("\\p{Cntrl}", "?");
  }
}

package dev.onepass.job.cli;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.job.options.OptionsException;
import org.junit.jupiter.api.Test;

class AskAgainTest {

  private static void refuses(String message, String... args) {
    assertThatThrownBy(() -> AskAgain.main(args))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining(message);
  }

  @Test
  void intervalsHaveTwoEnds() {
    refuses("from is missing: set it to partition:offset");
    refuses("to is missing", "--from", "0:1");
    refuses("'0' is no partition:offset", "--from", "0", "--to", "0:5");
    refuses("'0:-1' is no partition:offset", "--from", "0:-1", "--to", "0:5");
    refuses("'x:1' is no partition:offset", "--from", "x:1", "--to", "0:5");
    refuses("partition 0 stands twice", "--from", "0:1,0:2", "--to", "0:5");
    refuses("name different partitions", "--from", "0:1,1:2", "--to", "0:5");
    refuses("partition 0: from is above to", "--from", "0:6", "--to", "0:5");
    refuses("'yesterday' is no time", "--from", "0:1", "--to", "0:5", "--since", "yesterday");
  }

  @Test
  void theJobsOptionsAreCheckedAsWell() {
    refuses("kafka.bootstrap.servers", "--from", "0:1", "--to", "0:5");
  }
}

// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

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
  void intervalsNeedBothEnds() {
    refuses("from is missing; set partition:offset");
    refuses("to is missing", "--from", "0:1");
    refuses("'0' is not of the form partition:offset", "--from", "0", "--to", "0:5");
    refuses("'0:-1' is not of the form partition:offset", "--from", "0:-1", "--to", "0:5");
    refuses("'x:1' is not of the form partition:offset", "--from", "x:1", "--to", "0:5");
    refuses("partition 0 is listed twice", "--from", "0:1,0:2", "--to", "0:5");
    refuses("list different partitions", "--from", "0:1,1:2", "--to", "0:5");
    refuses("partition 0: from is greater than to", "--from", "0:6", "--to", "0:5");
    refuses("'yesterday' is not a time", "--from", "0:1", "--to", "0:5", "--since", "yesterday");
  }

  @Test
  void theJobsOptionsAreChecked() {
    refuses("kafka.bootstrap.servers", "--from", "0:1", "--to", "0:5");
  }
}

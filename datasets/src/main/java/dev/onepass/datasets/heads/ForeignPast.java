// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.heads;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Heads whose first rows come from another source than the rows behind them, so that a set learned
 * of the first rows meets a domain that is foreign to it.
 *
 * @param past has the first rows
 * @param pastRows number of the first rows, at least 1
 * @param rest has the rows behind them, of the same heads in the same order
 */
public record ForeignPast(Heads past, int pastRows, Heads rest) implements Heads {

  /**
   * Loads the heads.
   *
   * @param rows number of rows, more than {@code pastRows}
   * @throws IOException if a source has fewer rows, because they would no longer end and begin
   *     where the caller expects it
   */
  @Override
  public List<Head> load(int rows) throws IOException {
    List<Head> first = whole("of the past", past, pastRows);
    List<Head> then = whole("behind the past", rest, rows - pastRows);
    List<Head> heads = new ArrayList<>();
    for (int h = 0; h < first.size(); h++) {
      heads.add(first.get(h).followedBy(then.get(h)));
    }
    return heads;
  }

  private static List<Head> whole(String which, Heads source, int rows) throws IOException {
    List<Head> heads = source.load(rows);
    for (Head head : heads) {
      if (head.rows() < rows) {
        throw new IOException(
            "the text gives only %d of the %d rows %s; take a longer text or fewer rows"
                .formatted(head.rows(), rows, which));
      }
    }
    return heads;
  }
}

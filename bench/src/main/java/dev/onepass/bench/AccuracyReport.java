package dev.onepass.bench;

import dev.onepass.bench.accuracy.Method;
import dev.onepass.bench.accuracy.Score;
import dev.onepass.bench.data.Head;
import dev.onepass.bench.report.LinePlot;
import dev.onepass.bench.report.Plot;
import dev.onepass.bench.report.Table;
import java.util.ArrayList;
import java.util.List;

/** The rows of an accuracy measurement, as a table and as plots. */
final class AccuracyReport {
  private record Row(String head, String method, Score score) {}

  private final List<Row> rows = new ArrayList<>();
  private final Table table =
      new Table(
          "head",
          "sketch",
          "state_bytes_allowed",
          "state_bytes_used",
          "shared_bytes",
          "n",
          "median",
          "p95",
          "relF",
          "coverage90",
          "fold_us_per_token",
          "query_us");

  void add(Head head, Method method, StateSize allowed, Score score) {
    rows.add(new Row(head.name(), method.name(), score));
    table.row(
        head.name(),
        method.name(),
        allowed.bytes(),
        score.stateBytes(),
        // Nothing measured here shares anything between the sequences of a head.
        0,
        head.rows(),
        score.median(),
        score.p95(),
        score.relF(),
        score.coverage90(),
        score.foldMicros(),
        score.queryMicros());
  }

  Table table() {
    return table;
  }

  /** Error against bytes used; nothing if the head has no rows. */
  List<Plot> plots(Head head) {
    List<Row> own = rows.stream().filter(row -> row.head().equals(head.name())).toList();
    if (own.isEmpty()) {
      return List.of();
    }
    LinePlot plot =
        new LinePlot(
                "%s, %d tokens".formatted(head.name(), head.rows()),
                "state used [KiB]",
                "error |Y - T| / |T|")
            .logX()
            .logY()
            .wholeDecades();
    for (String method : own.stream().map(Row::method).distinct().toList()) {
      List<Score> scores =
          own.stream().filter(row -> row.method().equals(method)).map(Row::score).toList();
      plot.line(
          method,
          scores.stream().mapToDouble(score -> score.stateBytes() / 1024.0).toArray(),
          scores.stream().mapToDouble(Score::relF).toArray());
    }
    return List.of(plot);
  }
}

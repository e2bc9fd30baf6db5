package dev.onepass.bench.claims;

import dev.onepass.bench.report.Plot;
import dev.onepass.bench.report.Table;
import java.util.List;

/**
 * What a measurement came to.
 *
 * @param table all numbers
 * @param panels the same as pictures
 * @param verdict sentences that follow from the numbers
 */
public record Finding(Table table, List<Plot> panels, String verdict) {}

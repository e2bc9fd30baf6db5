// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.claims;

import dev.onepass.bench.report.Plot;
import dev.onepass.bench.report.Table;
import java.util.List;

/**
 * The result of a measurement.
 *
 * @param table all numbers
 * @param panels the same numbers as plots
 * @param verdict sentences that follow from the numbers
 */
public record Finding(Table table, List<Plot> panels, String verdict) {}

// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.load;

import dev.onepass.datasets.heads.Head;
import dev.onepass.job.options.JobSettings;
import dev.onepass.job.options.SettingsReader;
import dev.onepass.sketch.anchors.AnchorFile;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The settings of a job under a load.
 *
 * @param servers servers that the job runs on
 * @param jobOptions options of the job that override the defaults set here
 */
public record CellSettings(Servers servers, Map<String, String> jobOptions) {
  /** More anchors than a sequence can use. */
  private static final int ANCHORS_PER_KIB = 16;

  /** Returns the topic of the tokens. */
  public static String tokensTopic(Cell cell) {
    return cell.name() + "-tokens";
  }

  /** Returns the topic of the answers. */
  public static String outputsTopic(Cell cell) {
    return cell.name() + "-outputs";
  }

  /** Returns the topics that all runs of a load share. */
  public static Collection<String> topics(Cell cell) {
    return List.of(tokensTopic(cell), outputsTopic(cell), cell.name() + "-letters");
  }

  /** Returns the settings of a run that reads its queries from a separate topic. */
  public JobSettings of(Cell cell, String queriesTopic, Path anchors) {
    Map<String, String> options = new HashMap<>();
    options.put("kafka.bootstrap.servers", servers.bootstrapServers());
    options.put("kafka.properties.group.id", queriesTopic);
    options.put("topics.tokens", tokensTopic(cell));
    options.put("topics.queries", queriesTopic);
    options.put("topics.outputs", outputsTopic(cell));
    options.put("topics.dead-letters", cell.name() + "-letters");
    options.put("records.format", cell.format().toString());
    options.put("sketch.key-dim", Integer.toString(cell.dim()));
    options.put("sketch.state-size", cell.stateKib() + "KiB");
    options.put("sketch.scale", "1");
    options.put("anchors.file", anchors.toString());
    options.put("anchors.learn", "false");
    options.putAll(jobOptions);
    return SettingsReader.read(options);
  }

  /** Writes a file with one anchor set for all sequences, made from the rows of the tokens. */
  public Path anchors(Head head, Cell cell) throws IOException {
    int length = head.rows() / 2 * head.keyDim();
    AnchorSet set =
        AnchorSetMaker.make(
            1,
            head.keyDim(),
            Arrays.copyOf(head.queries(), length),
            Arrays.copyOf(head.keys(), length),
            cell.stateKib() * ANCHORS_PER_KIB,
            7);
    Path file = Files.createTempFile(servers.directory(), "anchors", ".bin");
    return Files.write(file, AnchorFile.toByteArray(List.of(new AnchorFile.Entry("default", set))));
  }
}

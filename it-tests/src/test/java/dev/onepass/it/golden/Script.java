// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a job that is restored from a golden savepoint is sent, and what it must reply: the replies
 * of a job of the version that made the savepoint, which ran without a stop. It is a file next to
 * the savepoint, so a savepoint stays of use when the code that made it is gone.
 *
 * @param options of the job
 * @param marked a sequence by whose counts the test sees that the job knows of the new topics; null
 *     where the job does not reply before it has more records
 * @param incomplete ids of the sequences whose replies must say that tokens may be missing
 * @param shadows whether answers must be compared with exact attention
 * @param steps in their order
 */
record Script(
    Map<String, String> options,
    Marked marked,
    List<String> incomplete,
    boolean shadows,
    List<Step> steps) {

  /**
   * A sequence.
   *
   * @param sequence its id
   * @param head null for the only one
   */
  record Marked(String sequence, String head) {}

  /** Name of the file. */
  static final String FILE = "script.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Copies the lists. */
  Script {
    options = Map.copyOf(options);
    incomplete = List.copyOf(incomplete);
    steps = List.copyOf(steps);
  }

  /** Reads the file of a directory. */
  static Script read(Path directory) throws IOException {
    JsonNode root = JSON.readTree(directory.resolve(FILE).toFile());
    Map<String, String> options = new LinkedHashMap<>();
    root.get("options")
        .properties()
        .forEach(option -> options.put(option.getKey(), option.getValue().textValue()));
    List<Step> steps = new ArrayList<>();
    for (JsonNode step : root.get("steps")) {
      List<Step.Sent> sent = new ArrayList<>();
      step.get("sent").forEach(record -> sent.add(JSON.convertValue(record, Step.Sent.class)));
      List<JsonNode> replies = new ArrayList<>();
      step.get("replies").forEach(replies::add);
      List<Step.Letter> letters = new ArrayList<>();
      step.get("letters")
          .forEach(letter -> letters.add(JSON.convertValue(letter, Step.Letter.class)));
      steps.add(new Step(sent, replies, letters, step.get("sets").intValue()));
    }
    List<String> incomplete = new ArrayList<>();
    root.get("incomplete").forEach(sequence -> incomplete.add(sequence.textValue()));
    return new Script(
        options,
        JSON.convertValue(root.get("marked"), Marked.class),
        incomplete,
        root.get("shadows").booleanValue(),
        steps);
  }

  /** Writes the file, one line for each record, so that changes can be read. */
  void write(Path directory) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    new TreeMap<>(options).forEach(root.putObject("options")::put);
    root.putPOJO("marked", marked);
    incomplete.forEach(root.putArray("incomplete")::add);
    root.put("shadows", shadows);
    ArrayNode list = root.putArray("steps");
    for (Step step : steps) {
      ObjectNode node = list.addObject();
      step.sent().forEach(node.putArray("sent")::addPOJO);
      node.putArray("replies").addAll(step.replies());
      step.letters().forEach(node.putArray("letters")::addPOJO);
      node.put("sets", step.sets());
    }
    String text =
        JSON.writeValueAsString(root)
            .replace("},{", "},\n{")
            .replace("[{", "[\n{")
            .replace("}]", "}\n]");
    Files.writeString(directory.resolve(FILE), text + "\n");
  }
}

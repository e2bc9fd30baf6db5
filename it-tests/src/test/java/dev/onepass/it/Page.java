// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads the sections of a Markdown page and their fenced blocks. */
final class Page {

  /**
   * A fenced block.
   *
   * @param language the word after the opening fence
   * @param text its lines
   */
  record Block(String language, String text) {}

  /** The blocks under a heading of the second level. */
  record Section(String title, List<Block> blocks) {}

  private static final String FENCE = "```";
  private static final String HEADING = "## ";

  private Page() {}

  /** Returns the sections of a page that have blocks. */
  static List<Section> read(Path file) throws IOException {
    List<Section> sections = new ArrayList<>();
    String language = null;
    List<String> block = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      if (language != null && line.equals(FENCE)) {
        String text = String.join("\n", block) + "\n";
        sections.get(sections.size() - 1).blocks().add(new Block(language, text));
        language = null;
      } else if (language != null) {
        block.add(line);
      } else if (line.startsWith(FENCE)) {
        language = line.substring(FENCE.length());
        block.clear();
      } else if (line.startsWith(HEADING)) {
        sections.add(new Section(line.substring(HEADING.length()), new ArrayList<>()));
      }
    }
    sections.removeIf(section -> section.blocks().isEmpty());
    return sections;
  }
}

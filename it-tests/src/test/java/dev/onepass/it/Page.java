package dev.onepass.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A page of documentation: sections, and the fenced blocks under them. */
final class Page {

  /** A fenced block: the word behind its fence, and its lines. */
  record Block(String language, String text) {}

  /** What stands under a heading of the second level. */
  record Section(String title, List<Block> blocks) {}

  private static final String FENCE = "```";
  private static final String HEADING = "## ";

  private Page() {}

  /** Reads the sections of a page that have blocks. */
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

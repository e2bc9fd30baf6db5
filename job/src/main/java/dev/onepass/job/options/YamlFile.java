// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads a file of options: one YAML document of maps, lists and text. Text stays as it is written,
 * even if YAML would give it another meaning ({@code 1.10}, {@code 007}, {@code no}, {@code ~}):
 * this class reads the parser's events, which have no types. It refuses anchors, aliases, tags and
 * further documents.
 *
 * <p>Messages about a file name the line, but do not show it: it may contain a password.
 */
final class YamlFile {

  /** More than any job needs, and small enough to read at once. */
  private static final int LARGEST_FILE = 1 << 20;

  /** Names of options have at most four parts. Deep nesting would overflow the stack. */
  private static final int DEEPEST = 20;

  private static final String TWICE = "is in the file twice; write it once";

  private final Map<String, String> options = new LinkedHashMap<>();
  private final List<String> problems;
  private final String begin;
  private Iterator<Event> events;

  private YamlFile(String file, List<String> problems) {
    this.problems = problems;
    begin = "--config names the file " + Shown.text(file);
  }

  /**
   * Reads a file into flat names and values; a missing value is empty text.
   *
   * @param problems receives a message for each problem of the file
   */
  static Map<String, String> read(String file, List<String> problems) {
    YamlFile yaml = new YamlFile(file, problems);
    try {
      yaml.document(text(file));
    } catch (Unreadable e) {
      problems.add(yaml.begin + e.getMessage());
    } catch (NoSuchFileException | InvalidPathException e) {
      problems.add(yaml.begin + ", which does not exist; set a path that flink run can read");
    } catch (CharacterCodingException e) {
      problems.add(yaml.begin + ", which is not UTF-8; save it as UTF-8");
    } catch (AccessDeniedException e) {
      problems.add(yaml.begin + ", which flink run has no permission to read; grant it");
    } catch (IOException e) {
      problems.add(yaml.begin + ", which cannot be read; set the path of a file");
    } catch (MarkedYamlEngineException e) {
      problems.add(yaml.begin + ", which is not valid YAML: " + kind(e));
    } catch (YamlEngineException e) {
      problems.add(
          yaml.begin
              + ", which is not valid YAML: it has characters that YAML does not allow; remove them");
    }
    return yaml.options;
  }

  private static String text(String file) throws IOException {
    try (InputStream in = Files.newInputStream(Path.of(file))) {
      byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
      if (bytes.length > LARGEST_FILE) {
        throw new Unreadable(
            ", which is larger than %d KiB; a file of options must be smaller"
                .formatted(LARGEST_FILE >> 10));
      }
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }
  }

  private void document(String text) {
    LoadSettings settings = LoadSettings.builder().setCodePointLimit(LARGEST_FILE).build();
    events = new Parse(settings).parseString(text).iterator();
    next(); // start of the stream
    if (next().getEventId() == Event.ID.StreamEnd) {
      return;
    }
    Event root = next();
    if (root.getEventId() == Event.ID.MappingStart) {
      map("", (NodeEvent) root, 1);
    } else if (!isNothing(root)) {
      throw new Unreadable(", which is not a map of options: write key: value");
    }
    next(); // end of the document
    Event after = next();
    if (after.getEventId() != Event.ID.StreamEnd) {
      throw new Unreadable(
          ", which has a second document at line %d; put all options into one, without ---"
              .formatted(line(after)));
    }
  }

  private void map(String prefix, NodeEvent start, int depth) {
    refuseTricks(start);
    if (depth > DEEPEST) {
      throw new Unreadable(
          ", which nests options more than %d deep at line %d; write them flat"
              .formatted(DEEPEST, line(start)));
    }
    Set<String> keys = new HashSet<>();
    for (Event key = next(); key.getEventId() != Event.ID.MappingEnd; key = next()) {
      if (!(key instanceof ScalarEvent scalar) || scalar.getValue().isBlank()) {
        throw new Unreadable(
            ", where line %d has no option name before the colon; write name: value"
                .formatted(line(key)));
      }
      refuseTricks(scalar);
      if (!keys.add(scalar.getValue())) {
        problem(prefix + scalar.getValue(), key, TWICE);
      }
      value(prefix + scalar.getValue(), key, next(), depth);
    }
    if (keys.isEmpty() && !prefix.isEmpty()) {
      put(prefix.substring(0, prefix.length() - 1), start, "");
    }
  }

  private void value(String name, Event key, Event value, int depth) {
    switch (value.getEventId()) {
      case MappingStart -> map(name + ".", (NodeEvent) value, depth + 1);
      case SequenceStart -> put(name, key, list(name, (NodeEvent) value));
      default -> put(name, key, scalar((NodeEvent) value));
    }
  }

  /** Returns the values of a list, separated by commas. */
  private String list(String name, NodeEvent start) {
    refuseTricks(start);
    List<String> texts = new ArrayList<>();
    for (Event item = next(); item.getEventId() != Event.ID.SequenceEnd; item = next()) {
      if (item instanceof CollectionStartEvent) {
        throw new Unreadable(
            ", where %s at line %d has a list or a map in a list; list single values"
                .formatted(Shown.name(name), line(item)));
      }
      texts.add(scalar((NodeEvent) item));
    }
    if (!OnepassOptions.takesSeveral(name)) {
      problem(
          name,
          start,
          "is a list, but the option takes a single value; write " + Shown.name(name) + ": VALUE");
    } else if (!texts.isEmpty() && texts.stream().anyMatch(String::isBlank)) {
      problem(name, start, "lists an empty value; remove it");
    } else if (texts.stream().anyMatch(text -> text.indexOf(',') >= 0)) {
      problem(name, start, "lists a value with a comma; commas separate the values of this option");
    }
    return String.join(",", texts);
  }

  private String scalar(NodeEvent event) {
    refuseTricks(event);
    return ((ScalarEvent) event).getValue();
  }

  private void put(String name, Event where, String text) {
    // An option may be there once flat and once nested.
    if (options.putIfAbsent(name, text) != null) {
      problem(name, where, TWICE);
    }
  }

  private void problem(String name, Event where, String sentence) {
    String problem = "%s %s (line %d)".formatted(Shown.name(name), sentence, line(where));
    if (!problems.contains(problem)) {
      problems.add(problem);
    }
  }

  /** Refuses anchors, aliases and tags, which would give the text another meaning. */
  private static void refuseTricks(NodeEvent event) {
    boolean alias = event.getEventId() == Event.ID.Alias;
    if (alias || event.getAnchor().isPresent()) {
      throw new Unreadable(
          ", which has an anchor or an alias at line %d; write the value in full, or quote text that begins with & or *"
              .formatted(line(event)));
    }
    Optional<String> tag =
        event instanceof ScalarEvent scalar
            ? scalar.getTag()
            : ((CollectionStartEvent) event).getTag();
    if (tag.isPresent()) {
      throw new Unreadable(
          ", which has a tag at line %d; remove it, or quote text that begins with !"
              .formatted(line(event)));
    }
  }

  private static boolean isNothing(Event event) {
    return event instanceof ScalarEvent scalar && scalar.isPlain() && scalar.getValue().isEmpty();
  }

  private Event next() {
    return events.next();
  }

  private static int line(Event event) {
    return event.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
  }

  /** Returns what is wrong, without the parser's own message, which would show the line. */
  private static String kind(MarkedYamlEngineException e) {
    Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
    return "line %d, column %d: it is not well-formed%s; write name: value, and quote values that contain ': ' or ' #' or begin with a special character"
        .formatted(
            mark.map(Mark::getLine).orElse(0) + 1,
            mark.map(Mark::getColumn).orElse(0) + 1,
            e.getContext() == null ? "" : " (" + e.getContext() + ")");
  }

  /** Ends the reading. The message is the second half of a sentence about the file. */
  private static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unreadable(String sentence) {
      super(sentence);
    }
  }
}

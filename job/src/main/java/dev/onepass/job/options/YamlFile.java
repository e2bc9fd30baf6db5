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
 * A file of options: one YAML document of maps, lists and text. Text is taken as it is written,
 * whatever it looks like to YAML ({@code 1.10}, {@code 007}, {@code no}, {@code ~}), because the
 * parser's events are read, which know no numbers. What a file of options has no need of is
 * refused: anchors, aliases, tags, more documents.
 *
 * <p>A sentence about a file tells the line, never what stands there: that may be a password.
 */
final class YamlFile {

  /** More than any job needs, and little enough to be read at once. */
  private static final int LARGEST_FILE = 1 << 20;

  /** Names of options have four parts; a parser that nests for ever would end the stack. */
  private static final int DEEPEST = 20;

  private static final String TWICE = "stands twice in the file; write it once";

  private final Map<String, String> options = new LinkedHashMap<>();
  private final List<String> problems;
  private final String begin;
  private Iterator<Event> events;

  private YamlFile(String file, List<String> problems) {
    this.problems = problems;
    begin = "--config names the file " + Shown.text(file);
  }

  /**
   * Reads a file into flat names and values; a value that is not there is empty text.
   *
   * @param problems gets a sentence for whatever is wrong with the file
   */
  static Map<String, String> read(String file, List<String> problems) {
    YamlFile yaml = new YamlFile(file, problems);
    try {
      yaml.document(text(file));
    } catch (Unreadable e) {
      problems.add(yaml.begin + e.getMessage());
    } catch (NoSuchFileException | InvalidPathException e) {
      problems.add(yaml.begin + ", which is not there; set a path that flink run can read");
    } catch (CharacterCodingException e) {
      problems.add(yaml.begin + ", which is not UTF-8; save it as UTF-8");
    } catch (AccessDeniedException e) {
      problems.add(yaml.begin + ", which flink run may not read; give it the right to");
    } catch (IOException e) {
      problems.add(yaml.begin + ", which cannot be read; set a path of a file");
    } catch (MarkedYamlEngineException e) {
      problems.add(yaml.begin + ", which cannot be read as YAML: " + kind(e));
    } catch (YamlEngineException e) {
      problems.add(
          yaml.begin
              + ", which cannot be read as YAML: it has characters that YAML does not know; leave them out");
    }
    return yaml.options;
  }

  private static String text(String file) throws IOException {
    try (InputStream in = Files.newInputStream(Path.of(file))) {
      byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
      if (bytes.length > LARGEST_FILE) {
        throw new Unreadable(
            ", which has more than %d KiB; options take less".formatted(LARGEST_FILE >> 10));
      }
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }
  }

  private void document(String text) {
    LoadSettings settings = LoadSettings.builder().setCodePointLimit(LARGEST_FILE).build();
    events = new Parse(settings).parseString(text).iterator();
    next(); // begin of the stream
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
    Event behind = next();
    if (behind.getEventId() != Event.ID.StreamEnd) {
      throw new Unreadable(
          ", which has a second document at line %d; put all options into one, without ---"
              .formatted(line(behind)));
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
            ", where line %d has no name of an option before the colon; write name: value"
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

  /** The values of a list, separated by commas, as they are written where there is no list. */
  private String list(String name, NodeEvent start) {
    refuseTricks(start);
    List<String> texts = new ArrayList<>();
    for (Event item = next(); item.getEventId() != Event.ID.SequenceEnd; item = next()) {
      if (item instanceof CollectionStartEvent) {
        throw new Unreadable(
            ", where %s at line %d has a list or a map within a list; list single values"
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
      problem(name, start, "lists an empty value; leave it out");
    } else if (texts.stream().anyMatch(text -> text.indexOf(',') >= 0)) {
      problem(name, start, "lists a value that has a comma; commas separate values here");
    }
    return String.join(",", texts);
  }

  private String scalar(NodeEvent event) {
    refuseTricks(event);
    return ((ScalarEvent) event).getValue();
  }

  private void put(String name, Event where, String text) {
    // Once flat and once nested is twice, too.
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

  /** Names for what stands elsewhere, and types, that would make something else of the text. */
  private static void refuseTricks(NodeEvent event) {
    boolean alias = event.getEventId() == Event.ID.Alias;
    if (alias || event.getAnchor().isPresent()) {
      throw new Unreadable(
          ", which has an anchor or an alias at line %d; write the value out, or quote text that begins with & or *"
              .formatted(line(event)));
    }
    Optional<String> tag =
        event instanceof ScalarEvent scalar
            ? scalar.getTag()
            : ((CollectionStartEvent) event).getTag();
    if (tag.isPresent()) {
      throw new Unreadable(
          ", which has a tag at line %d; leave it out, or quote text that begins with !"
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

  /** The parser's own sentence would show the line; what it was about to read is safe to tell. */
  private static String kind(MarkedYamlEngineException e) {
    Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
    return "line %d, column %d: it is not well-formed%s; write name: value, and quote values that hold ': ' or ' #' or begin with a special character"
        .formatted(
            mark.map(Mark::getLine).orElse(0) + 1,
            mark.map(Mark::getColumn).orElse(0) + 1,
            e.getContext() == null ? "" : " (" + e.getContext() + ")");
  }

  /** Ends the reading, with the rest of a sentence about the file. */
  private static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unreadable(String sentence) {
      super(sentence);
    }
  }
}

package dev.onepass.operators;

import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An anchors topic that holds what a test puts there. */
final class ShelfTopic implements AnchorsTopic {
  private static final long serialVersionUID = 1L;

  /** Records are not serializable; what is shipped is made of these. */
  private final ArrayList<byte[][]> records = new ArrayList<>();

  ShelfTopic with(String head, byte[] set) {
    records.add(new byte[][] {head.getBytes(StandardCharsets.UTF_8), set});
    return this;
  }

  @Override
  public String name() {
    return "attention.anchors";
  }

  @Override
  public List<RawRecord> records() {
    return records.stream()
        .map(record -> new RawRecord(name(), 0, 0, 0, record[0], record[1], Headers.NONE))
        .toList();
  }

  @Override
  public Optional<String> obstacle(RawRecord record) {
    return Optional.empty();
  }
}

package dev.onepass.operators;

import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Optional;
import java.util.function.Consumer;

/** An anchors topic that holds what a test puts there. */
final class ShelfTopic implements AnchorsTopic {
  private static final long serialVersionUID = 1L;

  /** Records are not serializable; what is shipped is made of these. */
  private final ArrayList<byte[][]> records = new ArrayList<>();

  ShelfTopic with(String head, byte[] set) {
    byte[] key = head == null ? null : head.getBytes(StandardCharsets.UTF_8);
    records.add(new byte[][] {key, set});
    return this;
  }

  @Override
  public String name() {
    return "attention.anchors";
  }

  @Override
  public void read(Consumer<RawRecord> reader) {
    records.stream()
        .map(record -> new RawRecord(name(), 0, 0, 0, record[0], record[1], Headers.NONE))
        .forEach(reader);
  }

  @Override
  public Optional<String> obstacle(RawRecord record) {
    return Optional.empty();
  }
}

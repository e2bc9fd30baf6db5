package dev.onepass.operators.event;

import org.apache.flink.util.OutputTag;

/** The side outputs that several operators write to. */
public final class SideOutputs {

  /** Refused records, each with the reason. */
  public static final OutputTag<DeadLetter> DEAD_LETTERS =
      new OutputTag<>("dead-letters", FlowTypes.DEAD_LETTER);

  /** The parts of shards, which {@code MergeFunction} merges into answers. */
  public static final OutputTag<Part> PARTS = new OutputTag<>("parts", FlowTypes.PART);

  private SideOutputs() {}
}

package dev.onepass.operators.anchors;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.background.Preparation;
import dev.onepass.sketch.sequence.HeadSpec;

/** Works out what the folds of a head's new sequences need of a set. */
public final class SetPreparation implements Preparation {

  private record Key(String head, AnchorSet set) {}

  private final HeadSpec head;
  private final AnchorSet set;

  public SetPreparation(HeadSpec head, AnchorSet set) {
    this.head = head;
    this.set = set;
  }

  /** Returns whether it is worked out, or nothing is needed. */
  public static boolean isPrepared(HeadSpec head, AnchorSet set) {
    return head.family().isPrepared(head.sketchConfig(head.layout()), set);
  }

  @Override
  public void run() throws InterruptedException {
    head.family().prepare(head.sketchConfig(head.layout()), set);
  }

  @Override
  public Object key() {
    return new Key(head.name(), set);
  }
}

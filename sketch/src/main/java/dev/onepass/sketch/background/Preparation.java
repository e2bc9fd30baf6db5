package dev.onepass.sketch.background;

/**
 * Work that takes too long for whoever has other things to do, and that many sequences share. Safe
 * to run on any thread, more than once, and beside any use of the sketch that asked for it.
 *
 * <p>What it works out is kept within the budget of {@link dev.onepass.sketch.anchors.FactorCache},
 * and in any case as long as the preparation itself is held: whoever holds it until the answers
 * that wait for it are given, gives them without working anything out again, however small the
 * budget is.
 */
public interface Preparation {

  /**
   * Works it out on the calling thread. Returns at once where that is done already.
   *
   * @throws InterruptedException if the thread was interrupted; nothing is left behind then
   */
  void run() throws InterruptedException;

  /** Returns an object that equals that of every preparation of the same work. */
  Object key();
}

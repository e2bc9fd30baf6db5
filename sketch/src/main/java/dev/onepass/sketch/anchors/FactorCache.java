package dev.onepass.sketch.anchors;

import dev.onepass.sketch.anchors.kriging.Kriging;
import dev.onepass.sketch.background.InterruptedWorkException;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Keeps what is worked out from anchor sets within a budget of bytes, in a whole process. A factor
 * of the covariance of R anchors takes 4 R² bytes, so 64 MiB for R = 4 096. The factors used least
 * recently make room for a new one. What tells a set's kernels apart counts too, but stays as long
 * as the set: no token can be folded without it.
 *
 * <p>One thing is made at a time: while it is made, no more memory is taken than when it is there.
 * Room is made first. A factor that exceeds the budget all by itself is made all the same, and is
 * then the only one.
 *
 * <p>Sets own what is made of them. When nobody refers to a set any more, that goes with it.
 *
 * <p>Safe for threads.
 */
public final class FactorCache {

  /** The budget in bytes where nobody sets another. */
  public static final long DEFAULT_LIMIT = 256L << 20;

  private static final FactorCache OF_PROCESS = new FactorCache();

  /** Those who wait take turns, so that none waits for ever. */
  private final ReentrantLock making = new ReentrantLock(true);

  /** Bytes of what is held; what was used last is at the end. */
  private final Map<Held, Long> held = new LinkedHashMap<>(16, 0.75f, true);

  private final ReferenceQueue<Derived> gone = new ReferenceQueue<>();
  private long limit = DEFAULT_LIMIT;
  private long bytes;
  private long evictions;

  private FactorCache() {}

  /** One thing that is held, of one set. */
  private record Held(Reference<Derived> owner, Derived.Part part) {}

  /** Returns the cache that all sets of this process share. */
  public static FactorCache ofProcess() {
    return OF_PROCESS;
  }

  /**
   * Returns the bytes of one factor.
   *
   * @param anchors that are interpolated from
   * @param dim coordinates of a query in the set's space; at most twice the length of a key
   */
  public static long bytesOf(int anchors, int dim) {
    return Kriging.bytes(anchors, dim);
  }

  /**
   * Sets the budget, and lets go what exceeds it.
   *
   * @param newLimit in bytes, at least 0
   */
  public synchronized void limit(long newLimit) {
    if (newLimit < 0) {
      throw new IllegalArgumentException("the bytes of factors must not be negative: " + newLimit);
    }
    limit = newLimit;
    makeRoom(0);
  }

  /** Returns the budget in bytes. */
  public synchronized long limit() {
    return limit;
  }

  /** Returns the bytes of all that is held now. */
  public synchronized long bytes() {
    dropThoseOfSetsThatAreGone();
    return bytes;
  }

  /** Returns how many factors, and trials of kernels, are held now. */
  public synchronized int count() {
    dropThoseOfSetsThatAreGone();
    return held.size();
  }

  /** Returns how many factors have had to make room since the process began. */
  public synchronized long evictions() {
    return evictions;
  }

  /** A reference by which the cache knows a set. */
  Reference<Derived> reference(Derived set) {
    return new WeakReference<>(set, gone);
  }

  /**
   * Does large work while nobody else does any.
   *
   * @throws InterruptedWorkException if the thread is interrupted before its turn comes
   */
  <T> T alone(Supplier<T> work) {
    try {
      making.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedWorkException();
    }
    try {
      return work.get();
    } finally {
      making.unlock();
    }
  }

  /** Lets go what was used least recently until there is room for so many bytes. */
  synchronized void makeRoom(long needed) {
    dropThoseOfSetsThatAreGone();
    Iterator<Map.Entry<Held, Long>> eldestFirst = held.entrySet().iterator();
    while (bytes > limit - needed && eldestFirst.hasNext()) {
      Map.Entry<Held, Long> eldest = eldestFirst.next();
      Derived owner = eldest.getKey().owner.get();
      if (eldest.getKey().part.isEvictable() && owner != null) {
        owner.release(eldest.getKey().part);
        bytes -= eldest.getValue();
        eldestFirst.remove();
        evictions++;
      }
    }
  }

  /** Counts something that a set holds from now on. */
  synchronized void hold(Reference<Derived> owner, Derived.Part part, long itsBytes) {
    Long before = held.put(new Held(owner, part), itsBytes);
    bytes += itsBytes - (before == null ? 0 : before);
  }

  /** Says that something was used. */
  synchronized void touch(Reference<Derived> owner, Derived.Part part) {
    held.get(new Held(owner, part));
  }

  /** Says that a set has let something go by itself. */
  synchronized void drop(Reference<Derived> owner, Derived.Part part) {
    Long before = held.remove(new Held(owner, part));
    bytes -= before == null ? 0 : before;
  }

  private void dropThoseOfSetsThatAreGone() {
    for (Reference<?> set = gone.poll(); set != null; set = gone.poll()) {
      Iterator<Map.Entry<Held, Long>> entries = held.entrySet().iterator();
      while (entries.hasNext()) {
        Map.Entry<Held, Long> entry = entries.next();
        if (entry.getKey().owner == set) {
          bytes -= entry.getValue();
          entries.remove();
        }
      }
    }
  }
}

// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

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
 * The budget, for a whole process, of what is derived from anchor sets. A factor of the covariance
 * of R anchors takes 4 R² bytes, that is 64 MiB for R = 4 096. A new factor evicts the least
 * recently used ones. Kernel trials count towards the budget but stay as long as their set, because
 * folds need them.
 *
 * <p>One result is computed at a time, so that computations never need more memory than their
 * result. Factors are evicted before the computation starts. A factor larger than the whole budget
 * is computed all the same, and is then the only one.
 *
 * <p>Sets own their derived results. When a set becomes unreachable, its results go with it.
 *
 * <p>Safe for use by several threads.
 */
public final class FactorCache {

  /** The default budget in bytes, 256 MiB. */
  public static final long DEFAULT_LIMIT = 256L << 20;

  private static final FactorCache INSTANCE = new FactorCache();

  /** Held while a result is computed. Fair, so that every waiting thread gets its turn. */
  private final ReentrantLock making = new ReentrantLock(true);

  /** Bytes of each held result, least recently used first. */
  private final Map<Held, Long> held = new LinkedHashMap<>(16, 0.75f, true);

  private final ReferenceQueue<DerivedResults> unreachable = new ReferenceQueue<>();
  private long limit = DEFAULT_LIMIT;
  private long bytes;
  private long evictions;

  private FactorCache() {}

  /** A held result of a set. */
  private record Held(Reference<DerivedResults> owner, DerivedResults.Part part) {}

  /** Returns the cache that all sets of this process share. */
  public static FactorCache ofProcess() {
    return INSTANCE;
  }

  /**
   * Returns the bytes of one factor.
   *
   * @param anchors number of anchors to interpolate from
   * @param dim coordinates of a query in the space of the set, at most twice the length of a key
   */
  public static long bytesOf(int anchors, int dim) {
    return Kriging.bytes(anchors, dim);
  }

  /**
   * Sets the budget, and evicts factors that exceed it.
   *
   * @param newLimit budget in bytes, at least 0
   * @throws IllegalArgumentException if the budget is negative
   */
  public synchronized void limit(long newLimit) {
    if (newLimit < 0) {
      throw new IllegalArgumentException(
          "The budget of factors must be at least 0 bytes, got %d.".formatted(newLimit));
    }
    limit = newLimit;
    makeRoom(0);
  }

  /** Returns the budget in bytes. */
  public synchronized long limit() {
    return limit;
  }

  /** Returns the bytes of all results that are held now. */
  public synchronized long bytes() {
    dropUnreachable();
    return bytes;
  }

  /** Returns the number of factors and kernel trials that are held now. */
  public synchronized int count() {
    dropUnreachable();
    return held.size();
  }

  /** Returns the number of evicted factors since the process started. */
  public synchronized long evictions() {
    return evictions;
  }

  /** Returns the reference by which the cache knows the results of a set. */
  Reference<DerivedResults> reference(DerivedResults set) {
    return new WeakReference<>(set, unreachable);
  }

  /**
   * Runs a computation while no other one runs.
   *
   * @throws InterruptedWorkException if the thread is interrupted while it waits for its turn
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

  /**
   * Evicts the least recently used factors until {@code needed} bytes fit.
   *
   * @param needed bytes of the next result
   */
  synchronized void makeRoom(long needed) {
    dropUnreachable();
    Iterator<Map.Entry<Held, Long>> eldestFirst = held.entrySet().iterator();
    while (bytes > limit - needed && eldestFirst.hasNext()) {
      Map.Entry<Held, Long> eldest = eldestFirst.next();
      DerivedResults owner = eldest.getKey().owner.get();
      if (eldest.getKey().part.isEvictable() && owner != null) {
        owner.release(eldest.getKey().part);
        bytes -= eldest.getValue();
        eldestFirst.remove();
        evictions++;
      }
    }
  }

  /** Records that a set holds a result from now on. */
  synchronized void hold(
      Reference<DerivedResults> owner, DerivedResults.Part part, long partBytes) {
    Long before = held.put(new Held(owner, part), partBytes);
    bytes += partBytes - (before == null ? 0 : before);
  }

  /** Records that a result was used. */
  synchronized void touch(Reference<DerivedResults> owner, DerivedResults.Part part) {
    held.get(new Held(owner, part));
  }

  /** Records that a set dropped a result by itself. */
  synchronized void drop(Reference<DerivedResults> owner, DerivedResults.Part part) {
    Long before = held.remove(new Held(owner, part));
    bytes -= before == null ? 0 : before;
  }

  private void dropUnreachable() {
    for (Reference<?> set = unreachable.poll(); set != null; set = unreachable.poll()) {
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

// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors;

import dev.onepass.sketch.anchors.kriging.AnchorVariogram;
import dev.onepass.sketch.anchors.kriging.EmbeddedQueries;
import dev.onepass.sketch.anchors.kriging.Kernel;
import dev.onepass.sketch.anchors.kriging.KernelTrial;
import dev.onepass.sketch.anchors.kriging.Kriging;
import dev.onepass.sketch.anchors.kriging.QuerySpace;
import dev.onepass.sketch.anchors.kriging.TransposedAnchors;
import dev.onepass.sketch.background.InterruptedWorkException;
import dev.onepass.sketch.background.Preparation;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is derived from a set on first use and shared by all versions of the same content: the
 * anchors in query space, kernel trials and factors. {@link FactorCache} decides which factors are
 * kept. A computation that fails leaves nothing behind.
 *
 * <p>Results are computed on the calling thread, which first waits for computations of other
 * threads.
 *
 * <p>Safe for use by several threads.
 */
final class DerivedResults {

  /** Maximum number of kernel trials that are held, each for another number of anchors. */
  private static final int MOST_TRIALS = 8;

  /** Computes a factor. */
  interface Maker {
    /** Returns the factor of the anchors of a variogram. */
    Kriging make(AnchorVariogram variogram);
  }

  /** A derived result. */
  sealed interface Part {
    /** Returns whether the result may be evicted. */
    boolean isEvictable();
  }

  /** The factor of the covariance of the first {@code count} anchors by a kernel. */
  record Factor(int kernel, int count) implements Part {
    @Override
    public boolean isEvictable() {
      return true;
    }
  }

  /** The kernel trial on the first {@code count} anchors. */
  record Trial(int count) implements Part {
    @Override
    public boolean isEvictable() {
      return false;
    }
  }

  /** Identifies work: equal keys mean equal work. */
  private record Key(DerivedResults set, Part part) {}

  private final QuerySpace space;
  private final float[] anchors;
  private final List<Kernel> kernels;
  private final Maker maker;
  private final FactorCache cache = FactorCache.ofProcess();
  private final Reference<DerivedResults> self = cache.reference(this);

  private final Map<Factor, Kriging> factors = new HashMap<>();

  /** All factors in use, including evicted ones. */
  private final Map<Factor, WeakReference<Kriging>> made = new HashMap<>();

  private final SharedVariograms variograms = new SharedVariograms();

  /** Kernel trials, least recently used first. */
  private final Map<Trial, KernelTrial> trials = new LinkedHashMap<>(16, 0.75f, true);

  private volatile EmbeddedQueries embedded;

  DerivedResults(QuerySpace space, float[] anchors, List<Kernel> kernels) {
    this(space, anchors, kernels, Kriging::new);
  }

  DerivedResults(QuerySpace space, float[] anchors, List<Kernel> kernels, Maker maker) {
    this.space = space;
    this.anchors = anchors;
    this.kernels = kernels;
    this.maker = maker;
  }

  /** Returns the anchors in query space. */
  EmbeddedQueries embeddedAnchors() {
    if (embedded == null) {
      cache.alone(
          () -> {
            if (embedded == null) {
              embedded = EmbeddedQueries.of(space, anchors, anchors.length / space.keyDim(), 1);
            }
            return embedded;
          });
    }
    return embedded;
  }

  /** Returns the interpolation by a factor. */
  Kriging kriging(Factor factor) {
    Kriging known = known(factor);
    return known != null ? known : cache.alone(() -> made(factor));
  }

  private Kriging made(Factor factor) {
    Kriging known = known(factor);
    if (known != null) {
      return known;
    }
    cache.makeRoom(bytes(factor));
    Kriging kriging = maker.make(variogram(factor)).prepared();
    synchronized (this) {
      made.values().removeIf(reference -> reference.get() == null);
      made.put(factor, new WeakReference<>(kriging));
    }
    hold(factor, kriging);
    return kriging;
  }

  private void hold(Factor factor, Kriging kriging) {
    synchronized (this) {
      factors.put(factor, kriging);
    }
    cache.hold(self, factor, bytes(factor));
  }

  private long bytes(Factor factor) {
    return Kriging.bytes(factor.count, space.dim());
  }

  /**
   * Returns a factor that is held, or an evicted one that is still in use, which is then held
   * again; null if there is neither.
   */
  private Kriging known(Factor factor) {
    Kriging held;
    Kriging used;
    synchronized (this) {
      held = factors.get(factor);
      WeakReference<Kriging> reference = made.get(factor);
      used = reference == null ? null : reference.get();
    }
    if (held != null) {
      cache.touch(self, factor);
    } else if (used != null) {
      cache.makeRoom(bytes(factor));
      hold(factor, used);
    }
    return used;
  }

  /** Drops a factor. */
  synchronized void release(Part factor) {
    factors.remove(factor);
  }

  /** Returns the variogram of a factor, which is one object as long as it is in use. */
  AnchorVariogram variogram(Factor factor) {
    AnchorVariogram known = variograms.get(factor);
    return known != null ? known : cache.alone(() -> madeVariogram(factor));
  }

  private AnchorVariogram madeVariogram(Factor factor) {
    AnchorVariogram known = variograms.get(factor);
    if (known != null) {
      return known;
    }
    TransposedAnchors transposed = variograms.transposed(factor.count);
    if (transposed == null) {
      transposed = new TransposedAnchors(embeddedAnchors(), factor.count);
    }
    AnchorVariogram variogram = new AnchorVariogram(transposed, kernels.get(factor.kernel));
    variograms.add(factor, variogram);
    return variogram;
  }

  /** Returns the kernel trial of sequences that use {@code count} anchors. */
  KernelTrial trial(int count) {
    Trial trial = trialOf(count);
    KernelTrial known = knownTrial(trial);
    return known != null ? known : cache.alone(() -> madeTrial(trial));
  }

  private KernelTrial madeTrial(Trial trial) {
    KernelTrial known = knownTrial(trial);
    if (known != null) {
      return known;
    }
    long bytes = KernelTrial.bytes(trial.count, kernels.size());
    cache.makeRoom(bytes);
    KernelTrial made = new KernelTrial(embeddedAnchors(), kernels, trial.count);
    Trial eldest = hold(trial, made);
    if (eldest != null) {
      cache.drop(self, eldest);
    }
    cache.hold(self, trial, bytes);
    return made;
  }

  /**
   * Holds a trial. Returns the least recently used trial if it had to be dropped, otherwise null.
   */
  private synchronized Trial hold(Trial trial, KernelTrial made) {
    Trial eldest = null;
    if (trials.size() == MOST_TRIALS) {
      eldest = trials.keySet().iterator().next();
      trials.remove(eldest);
    }
    trials.put(trial, made);
    return eldest;
  }

  private synchronized KernelTrial knownTrial(Trial trial) {
    return trials.get(trial);
  }

  private static Trial trialOf(int count) {
    return new Trial(Math.min(count, KernelTrial.ANCHORS));
  }

  /** Computes what folds of sequences with {@code count} anchors need. */
  void prepare(int count) throws InterruptedException {
    interruptibly(
        () -> {
          embeddedAnchors();
          trial(count);
        });
  }

  /** Returns whether {@link #prepare} has nothing left to do. */
  boolean isPrepared(int count) {
    return embedded != null && knownTrial(trialOf(count)) != null;
  }

  /** Returns the work of {@link #prepare}. */
  Preparation preparation(int count) {
    return new Preparation() {
      @Override
      public void run() throws InterruptedException {
        prepare(count);
      }

      @Override
      public Object key() {
        return new Key(DerivedResults.this, trialOf(count));
      }
    };
  }

  /**
   * Returns the work that must be done before {@link #kriging} returns at once; empty if there is
   * none.
   */
  Optional<Preparation> preparation(Factor factor) {
    return known(factor) != null ? Optional.empty() : Optional.of(new Factoring(factor));
  }

  /** The computation of a factor. Holds the factor, so that it stays in use. */
  private final class Factoring implements Preparation {
    private final Factor factor;
    private volatile Kriging kriging;

    Factoring(Factor factor) {
      this.factor = factor;
    }

    @Override
    public void run() throws InterruptedException {
      interruptibly(() -> kriging = kriging(factor));
    }

    @Override
    public Object key() {
      return new Key(DerivedResults.this, factor);
    }
  }

  /**
   * Runs work, and turns an interruption into an {@link InterruptedException}.
   *
   * @throws InterruptedException if the thread was interrupted before or during the work
   */
  static void interruptibly(Runnable work) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    try {
      work.run();
    } catch (InterruptedWorkException e) {
      Thread.interrupted();
      InterruptedException interrupted = new InterruptedException(e.getMessage());
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  /** Returns the bytes of all results that are held now. */
  synchronized long bytes() {
    long bytes = embedded == null ? 0 : embedded.bytes();
    for (Factor factor : factors.keySet()) {
      bytes += bytes(factor);
    }
    for (Trial trial : trials.keySet()) {
      bytes += KernelTrial.bytes(trial.count, kernels.size());
    }
    return bytes;
  }
}

package dev.onepass.sketch.anchors;

import dev.onepass.sketch.anchors.kriging.AnchorVariogram;
import dev.onepass.sketch.anchors.kriging.Columns;
import dev.onepass.sketch.anchors.kriging.EmbeddedQueries;
import dev.onepass.sketch.anchors.kriging.Kernel;
import dev.onepass.sketch.anchors.kriging.KernelTrial;
import dev.onepass.sketch.anchors.kriging.Kriging;
import dev.onepass.sketch.anchors.kriging.QuerySpace;
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
 * What is worked out from a set when it is first asked for, and shared by all versions of the same
 * content: the places of its anchors, what tells its kernels apart, and factors. {@link
 * FactorCache} says which factors stay. What fails leaves nothing behind.
 *
 * <p>Everything is worked out on the thread that asks for it, which waits for others that work
 * something out.
 *
 * <p>Safe for threads.
 */
final class Derived {

  /** Numbers of anchors by which kernels are told apart at the same time, at most. */
  private static final int MOST_TRIALS = 8;

  /** How a factor is made. */
  interface Maker {
    Kriging make(AnchorVariogram variogram);
  }

  /** One thing that is worked out. */
  sealed interface Part {
    /** Whether it may make room for others. */
    boolean isEvictable();
  }

  /** The factor of the first anchors' covariance by a kernel. */
  record Factor(int kernel, int count) implements Part {
    @Override
    public boolean isEvictable() {
      return true;
    }
  }

  /** What tells kernels apart on the first anchors. */
  record Trial(int count) implements Part {
    @Override
    public boolean isEvictable() {
      return false;
    }
  }

  /** What equal work has in common. */
  private record Key(Derived set, Part part) {}

  private final QuerySpace space;
  private final float[] anchors;
  private final List<Kernel> kernels;
  private final Maker maker;
  private final FactorCache cache = FactorCache.ofProcess();
  private final Reference<Derived> self = cache.reference(this);

  private final Map<Factor, Kriging> factors = new HashMap<>();

  /** Those that have made room as well, as long as somebody still uses them. */
  private final Map<Factor, WeakReference<Kriging>> made = new HashMap<>();

  private final Map<Factor, WeakReference<AnchorVariogram>> variograms = new HashMap<>();

  /** Those used last are at the end. */
  private final Map<Trial, KernelTrial> trials = new LinkedHashMap<>(16, 0.75f, true);

  private volatile EmbeddedQueries embedded;

  Derived(QuerySpace space, float[] anchors, List<Kernel> kernels) {
    this(space, anchors, kernels, Kriging::new);
  }

  Derived(QuerySpace space, float[] anchors, List<Kernel> kernels, Maker maker) {
    this.space = space;
    this.anchors = anchors;
    this.kernels = kernels;
    this.maker = maker;
  }

  /** The anchors in query space. */
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

  /** Interpolation by a factor. */
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

  /** One that is held, or that has made room and is still in use: then it is held again. */
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

  /** Lets a factor go. */
  synchronized void release(Part factor) {
    factors.remove(factor);
  }

  /** How near queries are to the anchors of a factor; one object as long as anybody uses it. */
  AnchorVariogram variogram(Factor factor) {
    AnchorVariogram known = knownVariogram(factor);
    return known != null ? known : cache.alone(() -> madeVariogram(factor));
  }

  private AnchorVariogram madeVariogram(Factor factor) {
    AnchorVariogram known = knownVariogram(factor);
    if (known != null) {
      return known;
    }
    Columns columns = columns(factor.count);
    if (columns == null) {
      columns = new Columns(embeddedAnchors(), factor.count);
    }
    AnchorVariogram variogram = new AnchorVariogram(columns, kernels.get(factor.kernel));
    synchronized (this) {
      variograms.values().removeIf(reference -> reference.get() == null);
      variograms.put(factor, new WeakReference<>(variogram));
    }
    return variogram;
  }

  private synchronized AnchorVariogram knownVariogram(Factor factor) {
    WeakReference<AnchorVariogram> reference = variograms.get(factor);
    return reference == null ? null : reference.get();
  }

  /** Those that another kernel uses; null if none does. */
  private synchronized Columns columns(int count) {
    for (WeakReference<AnchorVariogram> reference : variograms.values()) {
      AnchorVariogram variogram = reference.get();
      if (variogram != null && variogram.count() == count) {
        return variogram.columns();
      }
    }
    return null;
  }

  /** What tells kernels apart for sequences with so many anchors. */
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

  /** Holds a trial, and lets the one used least recently go if these are too many; null if not. */
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

  /** Works out what folds of sequences with so many anchors need. */
  void prepare(int count) throws InterruptedException {
    interruptibly(
        () -> {
          embeddedAnchors();
          trial(count);
        });
  }

  /** Whether that is worked out. */
  boolean isPrepared(int count) {
    return embedded != null && knownTrial(trialOf(count)) != null;
  }

  /** The work of {@link #prepare}. */
  Preparation preparation(int count) {
    return new Preparation() {
      @Override
      public void run() throws InterruptedException {
        prepare(count);
      }

      @Override
      public Object key() {
        return new Key(Derived.this, trialOf(count));
      }
    };
  }

  /** What must be done before {@link #kriging} returns at once; nothing if it does. */
  Optional<Preparation> preparation(Factor factor) {
    return known(factor) != null ? Optional.empty() : Optional.of(new Factoring(factor));
  }

  /** Makes a factor, and holds it. */
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
      return new Key(Derived.this, factor);
    }
  }

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

  /** Bytes of all that is there now. */
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

package dev.onepass.operators.anchors.learner;

/**
 * Which place an element of a stream takes in a sample of bounded size. The first elements fill the
 * sample; the n-th later one takes a place with probability capacity / n. A function of seed and
 * number alone, so that nothing but the number has to be remembered.
 */
final class Reservoir {

  /** The element is left out. */
  static final int NONE = -1;

  private Reservoir() {}

  /**
   * The place of one element.
   *
   * @param number of the element, from 0
   * @return a place below the capacity, or {@link #NONE}
   */
  static int place(long seed, long number, int capacity) {
    if (number < capacity) {
      return (int) number;
    }
    long place = Long.remainderUnsigned(mix(seed + number * 0x9e3779b97f4a7c15L), number + 1);
    return place < capacity ? (int) place : NONE;
  }

  /** Any place, the same for the same element and try. */
  static int any(long seed, long number, int attempt, int capacity) {
    return (int)
        Long.remainderUnsigned(
            mix(seed + number * 0x9e3779b97f4a7c15L + attempt * 0xd1342543de82ef95L), capacity);
  }

  /** 64 bits that tell a sequence's id from others; never 0. */
  static long hash(String sequence) {
    long bits = 1;
    for (int i = 0; i < sequence.length(); i++) {
      bits = mix(bits * 0x9e3779b97f4a7c15L + sequence.charAt(i));
    }
    return bits == 0 ? 1 : bits;
  }

  /** The finalizer of SplitMix64. */
  static long mix(long bits) {
    long z = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}

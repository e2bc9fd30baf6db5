package dev.onepass.sketch.anchors;

import java.util.Optional;

/** The anchor sets of one head that are at hand. */
public interface AnchorSets {

  /** A head without anchor sets. */
  AnchorSets NONE =
      new AnchorSets() {
        @Override
        public Optional<AnchorSet> current() {
          return Optional.empty();
        }

        @Override
        public Optional<AnchorSet> version(int version) {
          return Optional.empty();
        }
      };

  /** The set that a sequence adopts when it leaves exact mode. */
  Optional<AnchorSet> current();

  /** The set of that version, if it is still kept. */
  Optional<AnchorSet> version(int version);

  /** A head with this one set. */
  static AnchorSets of(AnchorSet set) {
    return new AnchorSets() {
      @Override
      public Optional<AnchorSet> current() {
        return Optional.of(set);
      }

      @Override
      public Optional<AnchorSet> version(int version) {
        return version == set.version() ? Optional.of(set) : Optional.empty();
      }
    };
  }
}

// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors;

import dev.onepass.sketch.annotations.PublicEvolving;
import java.util.Optional;

/** The anchor sets of one head that are available to its sequences. */
@PublicEvolving
public interface AnchorSets {

  /** The anchor sets of a head that has none. */
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

  /** Returns the set that a sequence adopts when it leaves exact mode; empty if there is none. */
  Optional<AnchorSet> current();

  /**
   * Returns the set of a version.
   *
   * @param version version of the set, at least 1
   * @return the set; empty if it is no longer kept
   */
  Optional<AnchorSet> version(int version);

  /**
   * Returns the anchor sets of a head that has one set.
   *
   * @param set the set
   */
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

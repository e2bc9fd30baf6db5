// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

/** One run of the campaign: a disturbance under a delivery guarantee. */
record Cell(Disturbance disturbance, Mode mode) {

  /**
   * Returns the prefix of its topics, folders and transactional ids, such as {@code
   * broker-killed.exactly-once}.
   */
  String name() {
    return disturbance.option() + "." + mode;
  }
}

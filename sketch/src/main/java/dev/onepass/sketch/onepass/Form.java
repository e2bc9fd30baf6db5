// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import dev.onepass.sketch.api.UnfitConfigException;
import java.util.Locale;

/** Which matrices are kept. All forms lead to the same decoding Z -> T. */
enum Form {
  /** sk(K) = Psi U2, sk(V) = Psi V, sk(Q) = Phi D^-1 U1. Queries must follow all tokens. */
  PAPER(0),
  /** U2' V itself, sk(Q) = Phi D^-1 U1. Queries must follow all tokens. */
  MOMENTS(1),
  /** U2' V itself, Phi Y. Queries and tokens may alternate. */
  OUTPUTS(2),
  /**
   * Sparse co-occurring directions in place of U2' V, Phi Y. Queries and tokens may alternate. A
   * token takes time in proportion to its numbers other than 0.
   */
  DIRECTIONS(3);

  private final int code;

  Form(int code) {
    this.code = code;
  }

  /**
   * Returns the form with a code.
   *
   * @param code 0 to 3
   */
  static Form of(int code) {
    for (Form form : values()) {
      if (form.code == code) {
        return form;
      }
    }
    throw new IllegalArgumentException("form: expected 0 to 3, got " + code);
  }

  /** Returns the code that stands for the form in bytes. */
  int code() {
    return code;
  }

  /**
   * Returns the form with a name.
   *
   * @throws UnfitConfigException if there is none
   */
  static Form of(String name) throws UnfitConfigException {
    for (Form form : values()) {
      if (form.label().equals(name.trim())) {
        return form;
      }
    }
    throw new UnfitConfigException(
        OnepassFamily.FORM + " must be paper, moments, outputs or directions, not '" + name + "'");
  }

  /** Returns the name of the form: paper, moments, outputs or directions. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns whether D^-1 U1 is sketched, so that a token that follows a query makes it wrong. */
  boolean queriesCloseTokens() {
    return this == PAPER || this == MOMENTS;
  }
}

package dev.onepass.sketch.onepass;

import dev.onepass.sketch.api.UnfitConfigException;
import java.util.Locale;

/** Which matrices are kept; all three come to the same decode Z -> T. */
enum Form {
  /** sk(K) = Psi U2, sk(V) = Psi V, sk(Q) = Phi D^-1 U1. Queries come after all tokens. */
  PAPER,
  /** U2' V itself, sk(Q) = Phi D^-1 U1. Queries come after all tokens. */
  MOMENTS,
  /** U2' V itself, Phi Y. Queries come whenever they like. */
  OUTPUTS;

  /**
   * The form of that name.
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
        OnepassFamily.FORM + " must be paper, moments or outputs, not '" + name + "'");
  }

  /** The word that options use. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether D^-1 U1 is sketched, so that a token that comes after a query makes it wrong. */
  boolean queriesCloseTokens() {
    return this != OUTPUTS;
  }
}

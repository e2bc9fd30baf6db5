package dev.onepass.operators.anchors.learner;

/** No set is needed: the topic has one of the head, whether or not it is on its way here. */
final class SetThereException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int version;

  SetThereException(int version, String message) {
    super(message);
    this.version = version;
  }

  /** Returns the highest version of the head on the topic. */
  int version() {
    return version;
  }
}

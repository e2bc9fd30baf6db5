package dev.onepass.operators.sequence;

/** Says that what a fold or an answer needs could not be worked out. */
final class PreparationException extends Exception {
  private static final long serialVersionUID = 1L;

  PreparationException(String message, Throwable cause) {
    super(message, cause);
  }
}

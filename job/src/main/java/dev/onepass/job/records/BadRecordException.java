package dev.onepass.job.records;

/** A record that cannot be taken; the message names the field and goes to the dead letters. */
public final class BadRecordException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param message what is wrong, beginning with the field
   */
  public BadRecordException(String message) {
    super(message, null, false, false);
  }
}

package dev.onepass.job.format.fields;

/** A record that cannot be taken; the message names the field and goes to the dead letters. */
public final class BadRecordException extends Exception {
  private static final long serialVersionUID = 1L;

  private static final int MOST_SHOWN = 100;

  /**
   * @param message what is wrong, beginning with the field
   */
  public BadRecordException(String message) {
    super(message, null, false, false);
  }

  /** Returns a text of the record as it is, or its beginning where all of it hides the message. */
  public static String shown(String text) {
    return text.length() <= MOST_SHOWN
        ? text
        : "%s... (%d characters)".formatted(text.substring(0, MOST_SHOWN), text.length());
  }
}

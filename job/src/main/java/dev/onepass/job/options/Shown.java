// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Formats names and values of options for messages and the log, and decides which of them may be
 * secrets: properties of Kafka's clients that Kafka does not know, that have the type password, or
 * whose name suggests a secret; and misplaced text, such as an argument without an option. Messages
 * never repeat possible secrets.
 */
final class Shown {

  /** Replaces a value that is not shown. */
  static final String MASK = "***";

  private static final int LONGEST = 200;

  private static final int LONGEST_SENTENCE = 400;

  /** The name of an option: words joined by dots. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+)*");

  private static final Pattern SPEAKS_OF_SECRETS =
      Pattern.compile(
          "pass|secret|jaas|token|credential|private|api.?key|access.?key|certificate|auth");

  /** Properties of {@code sasl.*} and {@code ssl.*} that are never secrets. */
  private static final Set<String> OPEN =
      Set.of(
          "sasl.mechanism",
          "ssl.protocol",
          "ssl.enabled.protocols",
          "ssl.endpoint.identification.algorithm",
          "ssl.keystore.type",
          "ssl.truststore.type");

  private Shown() {}

  /** Returns whether the value of this property of Kafka's clients may be a secret. */
  static boolean isSecret(String property, Predicate<String> knownAndNoPassword) {
    if (OPEN.contains(property)) {
      return false;
    }
    return !knownAndNoPassword.test(property)
        || property.startsWith("sasl.")
        || property.startsWith("ssl.")
        || SPEAKS_OF_SECRETS.matcher(property.toLowerCase(Locale.ROOT)).find();
  }

  /** Returns a name, or a placeholder if it does not look like one, since it may be a secret. */
  static String name(String name) {
    return isName(name) || isOfHead(name)
        ? name
        : "an option (hidden, because its name looks unusual)";
  }

  /** Returns whether this looks like the name of an option. */
  static boolean isName(String name) {
    return name.length() <= LONGEST && NAME.matcher(name).matches();
  }

  /** Returns whether this is an option of a head; names of heads may have any characters. */
  private static boolean isOfHead(String name) {
    return name.startsWith(OnepassOptions.HEAD) && text(name).equals(name);
  }

  /** Returns a value on one line, shortened, and without the password of an address. */
  static String text(String value) {
    return text(value, LONGEST);
  }

  private static String text(String value, int longest) {
    String line = withoutUserInfo(value).replaceAll("[\\p{Cntrl}\\u2028\\u2029]", " ");
    return line.length() <= longest ? line : line.substring(0, longest) + "...";
  }

  /** Masks text before an @ that may be a user and a password. */
  private static String withoutUserInfo(String value) {
    int first = value.indexOf('@');
    int last = value.lastIndexOf('@');
    int colon = value.indexOf(':');
    if (colon < 0 || last < colon) {
      return value;
    }
    int scheme = value.indexOf("://");
    int begin = scheme >= 0 && scheme < first ? scheme + 3 : 0;
    return value.substring(0, begin) + MASK + value.substring(last);
  }

  /** Returns a value in quotes. */
  static String quoted(String value) {
    return "'" + text(value) + "'";
  }

  /** Returns a message of another library on one line. */
  static String sentence(String sentence) {
    return text("" + sentence, LONGEST_SENTENCE);
  }
}

package dev.onepass.job.options;

import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * How names and values of options appear in sentences and in the log. This is the one place that
 * knows what may be a secret: every property of Kafka's clients that Kafka does not know, or types
 * as a password, or whose name speaks of secrets; and whatever is not in its place, such as an
 * argument without an option. What may be a secret is never repeated.
 */
final class Shown {

  /** Stands for a value that is not shown. */
  static final String MASK = "***";

  private static final int LONGEST = 200;

  private static final int LONGEST_SENTENCE = 400;

  /** An option's name: words, joined by dots. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+)*");

  private static final Pattern SPEAKS_OF_SECRETS =
      Pattern.compile(
          "pass|secret|jaas|token|credential|private|api.?key|access.?key|certificate|auth");

  /** Those of {@code sasl.*} and {@code ssl.*} that tell how, not with what. */
  private static final Set<String> OPEN =
      Set.of(
          "sasl.mechanism",
          "ssl.protocol",
          "ssl.enabled.protocols",
          "ssl.endpoint.identification.algorithm",
          "ssl.keystore.type",
          "ssl.truststore.type");

  private Shown() {}

  /** Whether the value of this property of Kafka's clients may be a secret. */
  static boolean isSecret(String property, Predicate<String> knownAndNoPassword) {
    if (OPEN.contains(property)) {
      return false;
    }
    return !knownAndNoPassword.test(property)
        || property.startsWith("sasl.")
        || property.startsWith("ssl.")
        || SPEAKS_OF_SECRETS.matcher(property.toLowerCase(Locale.ROOT)).find();
  }

  /** A name, or what to call it where it does not look like one, since it may be a lost value. */
  static String name(String name) {
    return isName(name) || isOfHead(name)
        ? name
        : "an option whose name is not repeated here, as it does not look like one,";
  }

  /** Whether this looks like the name of an option. */
  static boolean isName(String name) {
    return name.length() <= LONGEST && NAME.matcher(name).matches();
  }

  /** Names of heads are free. */
  private static boolean isOfHead(String name) {
    return name.startsWith(OnepassOptions.HEAD) && text(name).equals(name);
  }

  /** A value: on one line, not too long, and without the password of an address. */
  static String text(String value) {
    return text(value, LONGEST);
  }

  private static String text(String value, int longest) {
    String line = withoutUserInfo(value).replaceAll("[\\p{Cntrl}\\u2028\\u2029]", " ");
    return line.length() <= longest ? line : line.substring(0, longest) + "...";
  }

  /** Masks what stands before an @ where that may be a user and a password. */
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

  /** A value in quotes. */
  static String quoted(String value) {
    return "'" + text(value) + "'";
  }

  /** A sentence of somebody else's, on one line. */
  static String sentence(String sentence) {
    return text("" + sentence, LONGEST_SENTENCE);
  }
}

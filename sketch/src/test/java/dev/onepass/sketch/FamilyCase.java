package dev.onepass.sketch;

import dev.onepass.sketch.onepass.OnepassFamily;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A family and the parameters that pick one of its kinds; what property tests run over.
 *
 * @param noisy whether answers carry noise of their own beside rounding, so that taking a token
 *     back leaves some; and rows of parts must be told apart
 */
public record FamilyCase(SketchFamily family, Map<String, String> parameters, boolean noisy) {

  /** Every registered family as it comes, and the other forms of those that have some. */
  public static List<FamilyCase> all() {
    List<FamilyCase> cases = new ArrayList<>();
    for (SketchFamily family : SketchFamilies.all()) {
      cases.add(new FamilyCase(family, Map.of(), false));
    }
    cases.add(onepass("moments", false));
    cases.add(onepass("paper", true));
    return cases;
  }

  private static FamilyCase onepass(String form, boolean noisy) {
    return new FamilyCase(OnepassFamily.INSTANCE, Map.of(OnepassFamily.FORM, form), noisy);
  }

  /** The parameters of a part whose first token has that row. */
  public Map<String, String> parametersFrom(long row) {
    Map<String, String> moved = new HashMap<>(parameters);
    moved.put(OnepassFamily.FIRST_ROW, Long.toString(row));
    return moved;
  }

  @Override
  public String toString() {
    return family.name() + parameters;
  }
}

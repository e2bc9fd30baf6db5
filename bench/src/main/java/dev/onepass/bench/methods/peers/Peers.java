package dev.onepass.bench.methods.peers;

import dev.onepass.bench.methods.Method;
import java.util.List;

/** The one registry of peers. */
public final class Peers {
  /** All of them. */
  public static final List<Method> ALL =
      List.of(new UniformReservoir(), new SinksAndWindow(), new WindowAndMoments());

  private Peers() {}
}

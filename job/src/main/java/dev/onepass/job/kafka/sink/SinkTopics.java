package dev.onepass.job.kafka.sink;

import java.io.Serializable;
import java.util.List;

/**
 * The topics that the sink tells apart.
 *
 * @param queries what is answered
 * @param outputs answers
 * @param deadLetters records that were refused
 * @param anchors anchor sets
 */
public record SinkTopics(String queries, String outputs, String deadLetters, String anchors)
    implements Serializable {

  /** Returns the topics that are written. */
  public List<String> written() {
    return List.of(outputs, deadLetters, anchors);
  }
}

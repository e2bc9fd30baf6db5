package dev.onepass.bench.sizing;

/**
 * What a workload needs.
 *
 * @param cores busy all the time
 * @param stateBytes of all sequences, active or not
 * @param diskBytes to plan for: RocksDB keeps old versions until it has sorted
 * @param diskWrite bytes a second
 * @param kafkaIn bytes a second
 * @param shuffle bytes a second between task managers
 * @param kafkaOut bytes a second
 * @param checkpointBytes of an incremental checkpoint
 * @param checkpointUpload bytes a second
 * @param restoreSeconds to read the state back, by each task manager its part
 */
public record Needs(
    double cores,
    double stateBytes,
    double diskBytes,
    double diskWrite,
    double kafkaIn,
    double shuffle,
    double kafkaOut,
    double checkpointBytes,
    double checkpointUpload,
    double restoreSeconds) {

  private static final double SLACK = 2;

  /**
   * Adds them up.
   *
   * @param sequences all there are, active or not, as large as they may be
   * @param queriesPerSecond records
   * @param taskManagers that the state is spread over
   */
  public static Needs of(
      Workload load,
      Traffic traffic,
      UnitCosts costs,
      double sequences,
      double queriesPerSecond,
      int taskManagers) {
    double tokens = load.activity().tokensPerSecond();
    double state = sequences * load.bytes().atRest();
    double checkpoint = traffic.put() * costs.uploaded();
    return new Needs(
        1e-6
            * (tokens * (costs.microsPerFold() + costs.microsPerRecord())
                + queriesPerSecond * costs.microsPerQuery()),
        state,
        SLACK * state,
        traffic.put() * costs.rewritten() / load.interval(),
        tokens * costs.recordBytes(),
        tokens * costs.shuffledBytes() * (taskManagers - 1) / taskManagers,
        queriesPerSecond * costs.replyBytes(),
        checkpoint,
        checkpoint / load.interval(),
        state / taskManagers / costs.restoreBytesPerSecond());
  }
}

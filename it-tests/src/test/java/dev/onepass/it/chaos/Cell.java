package dev.onepass.it.chaos;

/** One run of the campaign. */
record Cell(Disturbance disturbance, Mode mode) {

  /** Of its topics, folders and transactions, such as {@code broker-killed.exactly-once}. */
  String name() {
    return disturbance.option() + "." + mode;
  }
}

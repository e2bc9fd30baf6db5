// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.fields;

import static dev.onepass.job.format.fields.RecordReader.require;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.sketch.sequence.HeadSpec;

/** The fields of a record of the queries topic in any format. Reused for each record. */
public final class QueryFields {
  private final Heads heads;
  private final int maxVectors;
  private final VectorBuffer vectors = new VectorBuffer();
  private String head;
  private String queryId;
  private long asOf;
  private boolean asks;
  private boolean stats;
  private boolean recover;
  private int recoverK;

  QueryFields(Heads heads, int maxVectors) {
    this.heads = heads;
    this.maxVectors = maxVectors;
  }

  void clear() {
    head = null;
    queryId = null;
    asOf = 0;
    asks = false;
    vectors.clear();
    stats = false;
    recover = false;
    recoverK = 0;
  }

  /** Sets the head. */
  public void head(String name) {
    head = name;
  }

  /** Sets the query id. */
  public void queryId(String id) {
    queryId = id;
  }

  /** Sets the number of accepted tokens to wait for. */
  public void asOf(long tokens) {
    asOf = tokens;
  }

  /** Sets whether the query asks for statistics. */
  public void stats(boolean wanted) {
    stats = wanted;
  }

  /**
   * Sets that the query asks for recovery.
   *
   * @param k entries per column; 0 for the number that the sketch was made for
   */
  public void recover(int k) {
    recover = true;
    recoverK = k;
  }

  /** Begins the list of query vectors. */
  public void beginQueries() {
    asks = true;
  }

  /** Returns the buffer for the next vector. */
  public VectorBuffer nextVector() throws BadRecordException {
    require(vectors.count() < maxVectors, "queries: more than " + maxVectors + " vectors");
    return vectors;
  }

  /** Returns the name of the next vector. */
  public String nextName() {
    return "queries[" + vectors.count() + "]";
  }

  Event event(String sequence, RawRecord origin) throws BadRecordException {
    HeadSpec spec = heads.of(head);
    SequenceKey address = new SequenceKey(spec.name(), sequence, 0);
    require(queryId != null, "query_id: missing");
    require(
        (asks ? 1 : 0) + (stats ? 1 : 0) + (recover ? 1 : 0) <= 1,
        "queries, stats, recover: only one of them is allowed in a query");
    if (recover) {
      return new Event.RecoverQuery(address, origin, queryId, recoverK);
    }
    if (stats) {
      return new Event.StatsQuery(address, origin, queryId);
    }
    require(!asks || vectors.count() > 0, "queries: empty");
    float[] rows = vectors.toArray("queries", spec.keyDim(), spec);
    return new Event.Query(address, origin, queryId, rows, vectors.count(), asOf);
  }
}

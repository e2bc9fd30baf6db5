// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.fields;

import static dev.onepass.job.format.fields.RecordReader.require;

import dev.onepass.sketch.sequence.HeadSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * The vectors of a field, each given as a list of numbers or as indices and values. Reused for each
 * record.
 *
 * <p>A reader begins each vector with {@link #begin}, adds numbers and, to a sparse vector,
 * indices, and ends it with {@link #endDense} or {@link #endSparse}. The head, and with it the
 * length of the vectors, is known only after all fields of the record. So sparse vectors stay as
 * they are until {@link #toArray}: memory is in proportion to the record until then, and to the
 * head's dimension afterwards.
 */
public final class VectorBuffer {

  /**
   * A sparse vector.
   *
   * @param name name of the vector in messages
   * @param vector number of the vector, from 0
   * @param begin place of its first index
   * @param end one past the place of its last index
   */
  private record Sparse(String name, int vector, int begin, int end) {}

  private final FloatBuffer numbers = new FloatBuffer();
  private final IndexBuffer indices = new IndexBuffer();
  private final List<Sparse> sparse = new ArrayList<>();
  private int count;
  private int length;
  private int beginNumbers;
  private int beginIndices;

  VectorBuffer() {
    clear();
  }

  void clear() {
    numbers.clear();
    indices.clear();
    sparse.clear();
    count = 0;
    length = -1;
  }

  /** Returns the number of vectors. */
  int count() {
    return count;
  }

  /** Begins a vector. */
  public void begin() {
    beginNumbers = numbers.size();
    beginIndices = indices.size();
  }

  /** Returns the buffer that takes the numbers of a dense vector, or the values of a sparse one. */
  public FloatBuffer numbers() {
    return numbers;
  }

  /**
   * Adds an index of a sparse vector.
   *
   * @param name name of the list of indices
   * @param index any number
   * @throws BadRecordException if the index is not a whole number of 31 bits, or not above the one
   *     before it
   */
  public void addIndex(String name, long index) throws BadRecordException {
    int at = indices.size() - beginIndices;
    if (index < 0 || index > Integer.MAX_VALUE) {
      throw new BadRecordException(
          "%s[%d]: not a whole number from 0 to 2147483647".formatted(name, at));
    }
    if (at > 0 && index <= indices.get(indices.size() - 1)) {
      throw new BadRecordException(
          "%s[%d]: %d is not above the index before it, %d; write each index once, in ascending order"
              .formatted(name, at, index, indices.get(indices.size() - 1)));
    }
    indices.add((int) index);
  }

  /**
   * Ends a vector that is a list of numbers.
   *
   * @param name name of the vector
   * @throws BadRecordException if its length differs from that of an earlier one
   */
  public void endDense(String name) throws BadRecordException {
    int added = numbers.size() - beginNumbers;
    if (length >= 0 && length != added) {
      throw new BadRecordException(name + ": differs in length from the vectors before it");
    }
    length = added;
    count++;
  }

  /**
   * Ends a vector that has indices and values.
   *
   * @param name name of the vector
   * @throws BadRecordException if it has more or fewer values than indices
   */
  public void endSparse(String name) throws BadRecordException {
    int places = indices.size() - beginIndices;
    int values = numbers.size() - beginNumbers;
    if (places != values) {
      throw new BadRecordException(
          "%s: %d indices and %d values; write one value for each index"
              .formatted(name, places, values));
    }
    sparse.add(new Sparse(name, count++, beginIndices, indices.size()));
  }

  /**
   * Returns all vectors as lists of numbers, one after the other.
   *
   * @param field name of the field
   * @param dim the head's length of the vectors
   * @throws BadRecordException if there is no vector, if a vector has another length, or if it has
   *     an index beyond that length
   */
  float[] toArray(String field, int dim, HeadSpec head) throws BadRecordException {
    require(count > 0, field + ": missing");
    if (length >= 0 && length != dim) {
      throw new BadRecordException(
          "%s: expected length %d for head %s, got %d".formatted(field, dim, head.name(), length));
    }
    if (sparse.isEmpty()) {
      return numbers.toArray();
    }
    checkRange(dim, head);
    float[] dense = new float[Math.multiplyExact(count, dim)];
    int from = 0;
    int dealt = 0;
    for (Sparse vector : sparse) {
      from += numbers.copy(from, dense, dealt * dim, (vector.vector - dealt) * dim);
      for (int i = vector.begin; i < vector.end; i++) {
        dense[vector.vector * dim + indices.get(i)] = numbers.get(from++);
      }
      dealt = vector.vector + 1;
    }
    numbers.copy(from, dense, dealt * dim, (count - dealt) * dim);
    return dense;
  }

  /** Indices ascend, so the last one is the largest. */
  private void checkRange(int dim, HeadSpec head) throws BadRecordException {
    for (Sparse vector : sparse) {
      int last = vector.end - 1;
      if (last >= vector.begin && indices.get(last) >= dim) {
        throw new BadRecordException(
            "%s.indices[%d]: %d is out of range; head %s takes vectors of length %d here, so the indices are 0 to %d"
                .formatted(
                    vector.name,
                    last - vector.begin,
                    indices.get(last),
                    head.name(),
                    dim,
                    dim - 1));
      }
    }
  }
}

// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.models;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A text encoder whose files a library brings. All are BERT models that one tool converted to ONNX,
 * so they have the same vocabulary ids for marks and the same names of tensors.
 */
public enum EncoderModel {
  /** A sentence encoder for English: heads of 32 floats. */
  ALL_MINILM_L6_V2("all-minilm-l6-v2", "all-minilm-l6-v2", 6, 12, 32),

  /** A sentence encoder for Chinese: heads of 64 floats. */
  BGE_SMALL_ZH("bge-small-zh", "bge-small-zh-v1.5", 4, 8, 64);

  private final String name;
  private final String files;
  private final int layers;
  private final int heads;
  private final int dim;

  EncoderModel(String name, String files, int layers, int heads, int dim) {
    this.name = name;
    this.files = files;
    this.layers = layers;
    this.heads = heads;
    this.dim = dim;
  }

  /**
   * Finds a model by its name.
   *
   * @throws IllegalArgumentException if there is no such model; the message names those there are
   */
  public static EncoderModel parse(String name) {
    return Arrays.stream(values())
        .filter(model -> model.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no model '%s'; the models are %s"
                        .formatted(
                            name,
                            Arrays.stream(values())
                                .map(EncoderModel::toString)
                                .collect(Collectors.joining(", ")))));
  }

  /** Returns the number of floats of a query, a key or a value of one head. */
  public int dim() {
    return dim;
  }

  /** Returns the number of floats of a row of all heads of a layer. */
  int width() {
    return heads * dim;
  }

  /** Returns the class path resource with the graph and its weights. */
  String graph() {
    return "/" + files + ".onnx";
  }

  /** Returns the class path resource with the vocabulary and rules of the tokenizer. */
  String tokenizer() {
    return "/" + files + "-tokenizer.json";
  }

  /**
   * Checks that the model has a head.
   *
   * @throws IllegalArgumentException if it does not; the message says which heads there are
   */
  void require(HeadName head) {
    if (head.layer() >= layers || head.head() >= heads) {
      throw new IllegalArgumentException(
          "%s has layers L0 to L%d with heads H0 to H%d, not %s"
              .formatted(name, layers - 1, heads - 1, head));
    }
  }

  /** Returns the name that users write, such as {@code all-minilm-l6-v2}. */
  @Override
  public String toString() {
    return name;
  }
}

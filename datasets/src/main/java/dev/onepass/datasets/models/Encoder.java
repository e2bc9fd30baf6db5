// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.models;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * A model, run so that the queries, keys and values of some heads are its outputs. The model is
 * bidirectional over windows of 512 tokens, so a row depends only on its own window.
 */
public final class Encoder implements AutoCloseable {
  /** Tokens that a model reads at once, including the marks at both ends. */
  public static final int WINDOW = 512;

  /** Windows in one run: a few megabytes for each tensor read back. */
  private static final int BATCH = 4;

  private static final long START_MARK = 101;
  private static final long END_MARK = 102;

  private final EncoderModel model;
  private final List<HeadName> heads;
  private final List<String> tensors;
  private final HuggingFaceTokenizer tokenizer;
  private final OrtEnvironment environment;
  private final OrtSession session;

  private Encoder(
      EncoderModel model, List<HeadName> heads, HuggingFaceTokenizer tokenizer, byte[] graph)
      throws OrtException, IOException {
    this.environment = OnnxFiles.environment();
    this.model = model;
    this.heads = List.copyOf(heads);
    this.tokenizer = tokenizer;
    this.tensors =
        heads.stream()
            .map(HeadName::layer)
            .distinct()
            .flatMap(layer -> Arrays.stream(Part.values()).map(part -> part.tensor(layer)))
            .toList();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      // The runtime warns about every weight of the layers that are left out.
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      options.setIntraOpNumThreads(Runtime.getRuntime().availableProcessors());
      this.session = environment.createSession(ModelBytes.withOutputs(graph, tensors), options);
    }
  }

  /**
   * Loads a model from the class path.
   *
   * @param heads the heads to compute; the model runs only their layers
   * @throws IllegalArgumentException if the model does not have one of the heads
   * @throws IOException if the model's files are missing or cannot run on this machine
   */
  public static Encoder load(EncoderModel model, List<HeadName> heads) throws IOException {
    heads.forEach(model::require);
    HuggingFaceTokenizer tokenizer;
    try (InputStream in = resource(model.tokenizer())) {
      tokenizer =
          HuggingFaceTokenizer.newInstance(
              in, Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false"));
    }
    try (InputStream in = resource(model.graph())) {
      return new Encoder(model, heads, tokenizer, in.readAllBytes());
    } catch (OrtException e) {
      tokenizer.close();
      throw new IOException("ONNX Runtime cannot load the model: " + e.getMessage(), e);
    }
  }

  /**
   * Splits the start of a text into tokens.
   *
   * @param text a plain file, a jar or a zip
   * @param atMost maximum number of tokens
   * @return ids of the model's vocabulary, without marks; fewer than {@code atMost} if the text is
   *     short
   */
  public int[] tokenize(Path text, int atMost) throws IOException {
    int[] ids = new int[atMost];
    int[] count = {0};
    TextSource.read(
        text,
        piece -> {
          Encoding encoding = tokenizer.encode(piece);
          for (long id : encoding.getIds()) {
            if (count[0] < atMost) {
              ids[count[0]++] = (int) id;
            }
          }
          return count[0] < atMost;
        });
    return Arrays.copyOf(ids, count[0]);
  }

  /** Returns how many ids {@link #rows} needs for a number of rows: each window adds two marks. */
  public static int idsFor(int rows) {
    int full = rows / WINDOW;
    int rest = rows % WINDOW;
    return full * (WINDOW - 2) + (rest == 0 ? 0 : Math.max(1, rest - 1));
  }

  /** Returns how many rows {@link #rows} can compute from a number of ids. */
  public static int rowsFrom(int ids) {
    int full = ids / (WINDOW - 2);
    int rest = ids % (WINDOW - 2);
    return full * WINDOW + (rest == 0 ? 0 : rest + 2);
  }

  /**
   * Runs the model over the tokens, window by window.
   *
   * @param ids tokens
   * @param rows number of rows, at most {@link #rowsFrom rowsFrom(ids.length)}; the marks at the
   *     ends of a window count as rows
   * @param progress accepts the number of rows done so far
   * @return the rows of each head, in the order of {@link #load load}
   */
  public Map<HeadName, HeadRows> rows(int[] ids, int rows, IntConsumer progress)
      throws IOException {
    if (rowsFrom(ids.length) < rows) {
      throw new IllegalArgumentException(
          "%d tokens are too few for %d rows".formatted(ids.length, rows));
    }
    Map<HeadName, HeadRows> result = new LinkedHashMap<>();
    heads.forEach(head -> result.put(head, HeadRows.allocate(rows, model.dim())));
    int row = 0;
    while (row < rows) {
      List<long[]> windows = new ArrayList<>();
      int length = 0;
      for (int r = row; windows.size() < BATCH && r < rows; r += WINDOW) {
        long[] window = window(ids, r / WINDOW * (WINDOW - 2));
        // A shorter last window runs alone: attending to padding would change its rows.
        if (!windows.isEmpty() && window.length != length) {
          break;
        }
        length = window.length;
        windows.add(window);
      }
      run(windows.toArray(long[][]::new), row, rows, result);
      row = Math.min(rows, row + windows.size() * WINDOW);
      progress.accept(row);
    }
    return result;
  }

  private static long[] window(int[] ids, int from) {
    int to = Math.min(ids.length, from + WINDOW - 2);
    long[] window = new long[to - from + 2];
    window[0] = START_MARK;
    for (int i = from; i < to; i++) {
      window[i - from + 1] = ids[i];
    }
    window[window.length - 1] = END_MARK;
    return window;
  }

  private void run(long[][] windows, int firstRow, int rows, Map<HeadName, HeadRows> into)
      throws IOException {
    int dim = model.dim();
    int width = model.width();
    long[][] ones = new long[windows.length][windows[0].length];
    for (long[] line : ones) {
      Arrays.fill(line, 1);
    }
    long[][] zeroes = new long[windows.length][windows[0].length];
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try {
      inputs.put("input_ids", OnnxTensor.createTensor(environment, windows));
      inputs.put("attention_mask", OnnxTensor.createTensor(environment, ones));
      inputs.put("token_type_ids", OnnxTensor.createTensor(environment, zeroes));
      inputs.keySet().retainAll(session.getInputNames());
      try (OrtSession.Result outputs = session.run(inputs, new LinkedHashSet<>(tensors))) {
        for (Part part : Part.values()) {
          Map<Integer, FloatBuffer> byLayer = new HashMap<>();
          for (Map.Entry<HeadName, HeadRows> entry : into.entrySet()) {
            FloatBuffer layer =
                byLayer.computeIfAbsent(
                    entry.getKey().layer(), l -> tensor(outputs, part.tensor(l)));
            float[] target = part.of(entry.getValue());
            int take = Math.min(windows.length * windows[0].length, rows - firstRow);
            for (int i = 0; i < take; i++) {
              layer.get(i * width + entry.getKey().head() * dim, target, (firstRow + i) * dim, dim);
            }
          }
        }
      }
    } catch (OrtException e) {
      throw new IOException("ONNX Runtime cannot run the model: " + e.getMessage(), e);
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  private static FloatBuffer tensor(OrtSession.Result outputs, String name) {
    return ((OnnxTensor) outputs.get(name).orElseThrow()).getFloatBuffer();
  }

  private static InputStream resource(String name) throws IOException {
    InputStream in = Encoder.class.getResourceAsStream(name);
    if (in == null) {
      throw new IOException("the model file " + name.substring(1) + " is not on the class path");
    }
    return in;
  }

  @Override
  public void close() {
    tokenizer.close();
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  private enum Part {
    QUERY("query"),
    KEY("key"),
    VALUE("value");

    private final String word;

    Part(String word) {
      this.word = word;
    }

    /**
     * Returns the graph tensor of a layer, before the division by sqrt(dim): batch x window x
     * width, head h from column h dim.
     */
    private String tensor(int layer) {
      return "/encoder/layer." + layer + "/attention/self/" + word + "/Add_output_0";
    }

    private float[] of(HeadRows rows) {
      return switch (this) {
        case QUERY -> rows.queries();
        case KEY -> rows.keys();
        case VALUE -> rows.values();
      };
    }
  }
}

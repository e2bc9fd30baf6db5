// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.cli;

import dev.onepass.testkit.bytes.ByteSize;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A number of bytes as an option gives it.
 *
 * @param text as given
 * @param bytes at least 1
 */
public record StateSize(String text, int bytes) {

  /** Reads a size such as {@code 128KiB}. */
  public static StateSize parse(String text) {
    long bytes;
    try {
      bytes = ByteSize.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
    if (bytes < 1 || bytes > Integer.MAX_VALUE) {
      throw new TypeConversionException("'%s' is not between 1 byte and 2 GiB".formatted(text));
    }
    return new StateSize(text.strip(), (int) bytes);
  }

  @Override
  public String toString() {
    return text;
  }

  /** Reads the size from the command line. */
  public static final class Converter implements ITypeConverter<StateSize> {
    @Override
    public StateSize convert(String value) {
      return parse(value);
    }
  }
}

// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * The processes of one test class, for a static field with {@code @RegisterExtension}. They end
 * with the class. Their output stays in {@code target/processes/CLASS/NAME.log}; if a test fails,
 * the last lines are printed.
 */
public final class Processes
    implements BeforeAllCallback,
        AfterAllCallback,
        TestExecutionExceptionHandler,
        LifecycleMethodExecutionExceptionHandler {

  private static final int TAIL_LINES = 40;

  private final List<ChildProcess> started = Collections.synchronizedList(new ArrayList<>());
  private Path directory;
  private Watchdog watchdog;

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    directory =
        Path.of(System.getProperty("processes.directory"))
            .resolve(context.getRequiredTestClass().getSimpleName());
    delete(directory);
    Files.createDirectories(directory);
    watchdog = new Watchdog();
  }

  /**
   * Returns a directory for data of processes, such as state. It is deleted at the end of the
   * class.
   */
  public Path data(String name) throws IOException {
    return Files.createDirectories(directory.resolve("data").resolve(name));
  }

  /**
   * Starts a process.
   *
   * @param name name of the process and its log; an earlier process of the same name must have
   *     ended
   * @param environment variables in addition to the environment of this JVM
   */
  public ChildProcess start(String name, List<String> command, Map<String, String> environment)
      throws IOException {
    Path log = directory.resolve(name + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    Process process = builder.start();
    watchdog.watch(process);
    ChildProcess child = new ChildProcess(name, log, process);
    started.add(child);
    return child;
  }

  /**
   * Runs a process and waits until it ends.
   *
   * @return its output
   * @throws AssertionError if it fails or does not end in time
   */
  public String run(
      String name, List<String> command, Map<String, String> environment, Duration patience)
      throws IOException {
    ChildProcess child = start(name, command, environment);
    int exit = child.await(patience);
    if (exit != 0) {
      throw new AssertionError("%s ended with %d%n%s".formatted(name, exit, child.output()));
    }
    return child.output();
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw withTails(failure);
  }

  @Override
  public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw withTails(failure);
  }

  private Throwable withTails(Throwable failure) {
    started.forEach(child -> System.err.println(child.tail(TAIL_LINES)));
    return failure;
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    started.stream().filter(ChildProcess::isAlive).forEach(ChildProcess::kill);
    watchdog.close();
    delete(directory.resolve("data"));
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}

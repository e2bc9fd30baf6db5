// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.process;

import dev.onepass.testkit.ports.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.jobmanager.JobManagerProcessSpec;
import org.apache.flink.runtime.jobmanager.JobManagerProcessUtils;
import org.apache.flink.runtime.util.config.memory.ProcessMemoryUtils;
import org.awaitility.Awaitility;

/**
 * A Flink cluster as processes: a job manager, task managers and the command line client, each in
 * its own JVM.
 */
public final class FlinkProcesses {

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Pattern JOB_ID = Pattern.compile("JobID ([0-9a-f]{32})");
  private static final Pattern SAVEPOINT = Pattern.compile("Savepoint completed. Path: (\\S+)");

  private final Processes processes;
  private final Map<String, String> settings = new TreeMap<>();
  private final Path conf;
  private final Path temporary;
  private final FlinkRest rest;
  private final List<ChildProcess> taskManagers = new CopyOnWriteArrayList<>();
  private List<String> jobManagerLine;
  private ChildProcess jobManager;
  private int clients;

  private FlinkProcesses(Processes processes, Map<String, String> settings) throws IOException {
    this.processes = processes;
    Path data = processes.data("flink");
    int[] ports = Ports.free(2);
    this.settings.putAll(defaults(data, ports[0], ports[1]));
    this.settings.putAll(settings);
    rest = new FlinkRest(ports[1]);
    conf = processes.data("flink-conf");
    temporary = processes.data("flink-tmp");
    Files.writeString(
        conf.resolve("config.yaml"),
        this.settings.entrySet().stream()
            .map(setting -> setting.getKey() + ": '" + setting.getValue() + "'\n")
            .collect(Collectors.joining()));
    Files.writeString(conf.resolve("log4j2.properties"), Logs.SETTINGS);
  }

  private static Map<String, String> defaults(Path data, int rpcPort, int restPort) {
    Map<String, String> settings = new HashMap<>();
    settings.put("env.java.default-opts.all", System.getProperty("flink.opens"));
    settings.put("env.java.opts.all", "--add-modules=jdk.incubator.vector");
    settings.put("jobmanager.rpc.address", Ports.HOST);
    settings.put("jobmanager.rpc.port", Integer.toString(rpcPort));
    settings.put("jobmanager.bind-host", Ports.HOST);
    settings.put("jobmanager.memory.process.size", "768m");
    settings.put("rest.address", Ports.HOST);
    settings.put("rest.bind-address", Ports.HOST);
    settings.put("rest.port", Integer.toString(restPort));
    settings.put("taskmanager.host", Ports.HOST);
    settings.put("taskmanager.bind-host", Ports.HOST);
    settings.put("taskmanager.memory.process.size", "1g");
    settings.put("taskmanager.numberOfTaskSlots", "2");
    // Every task manager runs part of every job, so each loss has an effect.
    settings.put("taskmanager.load-balance.mode", "SLOTS");
    settings.put("state.backend.type", "rocksdb");
    settings.put("execution.checkpointing.incremental", "true");
    settings.put("execution.checkpointing.interval", "1s");
    settings.put("execution.checkpointing.dir", data.resolve("checkpoints").toUri().toString());
    settings.put("restart-strategy.type", "fixed-delay");
    settings.put("restart-strategy.fixed-delay.attempts", "100");
    settings.put("restart-strategy.fixed-delay.delay", "500ms");
    settings.put("heartbeat.interval", "2s");
    settings.put("heartbeat.timeout", "20s");
    return settings;
  }

  /** Returns only a client, without a cluster: it gets as far as the main method of a job. */
  public static FlinkProcesses clientOnly(Processes processes) throws IOException {
    return new FlinkProcesses(processes, Map.of());
  }

  /**
   * Starts a session cluster and waits until its task managers are registered.
   *
   * @param settings Flink options that override the defaults set here
   */
  public static FlinkProcesses session(
      Processes processes, int taskManagers, Map<String, String> settings) throws IOException {
    FlinkProcesses flink = new FlinkProcesses(processes, settings);
    flink.start(
        "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
        List.of(),
        taskManagers);
    return flink;
  }

  /**
   * Starts an application cluster for one job and waits until its task managers are registered.
   *
   * @param settings Flink options that override the defaults set here
   * @param arguments arguments of the job's main method
   */
  public static FlinkProcesses application(
      Processes processes,
      int taskManagers,
      Map<String, String> settings,
      Path jar,
      String main,
      List<String> arguments)
      throws IOException {
    FlinkProcesses flink = new FlinkProcesses(processes, settings);
    List<String> job = new ArrayList<>();
    job.addAll(List.of("--jars", jar.toUri().toString(), "--job-classname", main));
    // Otherwise Flink takes --config for an abbreviation of its option --configDir.
    job.add("--");
    job.addAll(arguments);
    flink.start(
        "org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint",
        job,
        taskManagers);
    return flink;
  }

  /**
   * Starts the processes with the memory layout that Flink's start scripts get from BashJavaUtils.
   */
  private void start(String entryPoint, List<String> job, int count) throws IOException {
    Configuration configuration = Configuration.fromMap(settings);
    JobManagerProcessSpec memory = JobManagerProcessUtils.processSpecFromConfig(configuration);
    List<String> arguments = arguments(JobManagerProcessUtils.generateDynamicConfigsStr(memory));
    arguments.addAll(job);
    jobManagerLine =
        java()
            .flags(JavaCommand.QUICK)
            .flags(JobManagerProcessUtils.generateJvmParametersStr(memory, configuration))
            .line(entryPoint, arguments);
    restartJobManager();
    for (int i = 0; i < count; i++) {
      startTaskManager();
    }
    awaitTaskManagers(count);
  }

  /** Starts a new job manager, without the jobs of the previous one and without waiting for it. */
  public void restartJobManager() throws IOException {
    jobManager = processes.start("jobmanager", jobManagerLine, plugins());
  }

  /** Returns the environment that points Flink's processes to the folder of plugins. */
  private Map<String, String> plugins() throws IOException {
    return Map.of("FLINK_PLUGINS_DIR", pluginsOf(processes).toString());
  }

  /** Returns the folder of plugins, each a folder of jars, for clusters that are started later. */
  public static Path pluginsOf(Processes processes) throws IOException {
    return processes.data("flink-plugins");
  }

  /** Starts one more task manager without waiting for it. */
  public ChildProcess startTaskManager() throws IOException {
    TaskExecutorProcessSpec memory =
        TaskExecutorProcessUtils.processSpecFromConfig(Configuration.fromMap(settings));
    ChildProcess taskManager =
        processes.start(
            "taskmanager-" + (taskManagers.size() + 1),
            java()
                .flags(ProcessMemoryUtils.generateJvmParametersStr(memory))
                .line(
                    "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
                    arguments(TaskExecutorProcessUtils.generateDynamicConfigsStr(memory))),
            plugins());
    taskManagers.add(taskManager);
    return taskManager;
  }

  private List<String> arguments(String dynamicSettings) {
    List<String> arguments = new ArrayList<>(List.of("--configDir", conf.toString()));
    arguments.addAll(JavaCommand.words(dynamicSettings));
    return arguments;
  }

  private JavaCommand java() {
    return JavaCommand.fromLib("flink.lib")
        .flags(settings.get("env.java.default-opts.all"))
        .flags(settings.get("env.java.opts.all"))
        .flags("-Djava.io.tmpdir=" + temporary)
        .flags(Logs.flag(conf.resolve("log4j2.properties")));
  }

  /** Waits until a number of task managers are registered. */
  public void awaitTaskManagers(int count) {
    Awaitility.await(count + " task managers")
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(IOException.class)
        .failFast("the job manager ended", () -> !jobManager.isAlive())
        .until(() -> rest.taskManagers() == count);
  }

  /**
   * Waits until all tasks of the job of an application cluster run.
   *
   * @return the job's id
   */
  public String awaitApplication() throws IOException {
    Awaitility.await("the application's job")
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(IOException.class)
        .failFast("the job manager ended", () -> !jobManager.isAlive())
        .until(() -> rest.jobs().size() == 1);
    String job = rest.jobs().get(0);
    rest.awaitRunning(job, PATIENCE);
    return job;
  }

  /** Returns the running task manager processes, the oldest first. */
  public List<ChildProcess> aliveTaskManagers() {
    return taskManagers.stream().filter(ChildProcess::isAlive).toList();
  }

  /** Returns all task manager processes, including ended ones, the oldest first. */
  public List<ChildProcess> taskManagers() {
    return List.copyOf(taskManagers);
  }

  /** Returns the job manager process. */
  public ChildProcess jobManager() {
    return jobManager;
  }

  /** Returns the REST interface of the cluster. */
  public FlinkRest rest() {
    return rest;
  }

  /**
   * Submits a job with {@code flink run --detached ARGUMENTS} and waits until all its tasks run.
   *
   * @return the job's id
   */
  public String run(String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of("run", "--detached"));
    all.addAll(List.of(arguments));
    String job = find(JOB_ID, flink(all));
    rest.awaitRunning(job, PATIENCE);
    return job;
  }

  /**
   * Stops a job with {@code flink stop --savepointPath}.
   *
   * @return the path of the savepoint
   */
  public String stop(String job) throws IOException {
    String directory = processes.data("savepoints").toUri().toString();
    return find(SAVEPOINT, flink(List.of("stop", "--savepointPath", directory, job)));
  }

  /**
   * Makes a savepoint of the running job. The job commits the output of the savepoint only with its
   * next checkpoint.
   *
   * @return the path of the savepoint
   */
  public String savepoint(String job) throws IOException {
    return rest.savepoint(job, processes.data("savepoints").toUri().toString(), PATIENCE);
  }

  /**
   * Makes a checkpoint with {@code flink checkpoint}.
   *
   * @return its path, valid as long as it is retained
   */
  public String checkpoint(String job) throws IOException {
    flink(List.of("checkpoint", job));
    return rest.lastCheckpoint(job).get("external_path").textValue();
  }

  /** Cancels a job with {@code flink cancel}. */
  public void cancel(String job) throws IOException {
    flink(List.of("cancel", job));
  }

  private String flink(List<String> arguments) throws IOException {
    List<String> line = new ArrayList<>(List.of(tools().resolve("flink").toString()));
    line.addAll(arguments);
    return processes.run("client-" + ++clients + "-" + arguments.get(0), line, Map.of(), PATIENCE);
  }

  /**
   * Makes Flink's client available as in a distribution.
   *
   * @return a directory with {@code flink}, for the PATH
   */
  public Path tools() throws IOException {
    Path bin = processes.data("flink-bin");
    java()
        .flags(JavaCommand.QUICK)
        .writeScript(
            bin.resolve("flink"),
            "org.apache.flink.client.cli.CliFrontend",
            Map.of("FLINK_CONF_DIR", conf.toString()));
    return bin;
  }

  /**
   * Returns the command line for a class in a job's jar, with Flink on the class path.
   *
   * @param arguments arguments of its main method, separated by white space
   */
  public List<String> java(Path jar, String main, String arguments) {
    return JavaCommand.fromLib("flink.lib")
        .beside(jar)
        .flags(JavaCommand.QUICK)
        .flags(settings.get("env.java.default-opts.all"))
        .flags(Logs.flag(conf.resolve("log4j2.properties")))
        .line(main, JavaCommand.words(arguments));
  }

  private static String find(Pattern pattern, String output) {
    Matcher matcher = pattern.matcher(output);
    if (!matcher.find()) {
      throw new AssertionError("no " + pattern + " in\n" + output);
    }
    return matcher.group(1);
  }
}

// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import dev.onepass.testkit.embedded.EmbeddedKafka;
import dev.onepass.testkit.ports.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * A broker with a listener that requires a login and enforces access rules. The test's clients use
 * another listener, {@code kafka.bootstrapServers()}, which has no restrictions.
 *
 * @param kafka the broker
 * @param address host and port of the listener that requires a login
 */
record LoginBroker(EmbeddedKafka kafka, String address) {

  private static final String LOGIN =
      "org.apache.kafka.common.security.plain.PlainLoginModule required ";

  /** Starts a broker with one user: {@code onepass}, with the password {@code secret}. */
  static LoginBroker start(Path folder) throws IOException {
    String address = "localhost:" + Ports.free(1)[0];
    String listener = "JOB://" + address;
    EmbeddedKafka kafka =
        EmbeddedKafka.start(
            folder,
            0,
            Map.of(
                "listeners", listener,
                "advertised.listeners", listener,
                "listener.security.protocol.map", "JOB:SASL_PLAINTEXT",
                "sasl.enabled.mechanisms", "PLAIN",
                "listener.name.job.plain.sasl.jaas.config", LOGIN + "user_onepass=\"secret\";",
                "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                // The broker itself and the test's clients.
                "super.users", "User:ANONYMOUS"));
    return new LoginBroker(kafka, address);
  }

  /** Returns the options of a job that logs in with a password. */
  Map<String, String> login(String password) {
    Map<String, String> options = new HashMap<>();
    options.put("kafka.bootstrap.servers", address);
    options.put("kafka.properties.security.protocol", "SASL_PLAINTEXT");
    options.put("kafka.properties.sasl.mechanism", "PLAIN");
    options.put(
        "kafka.properties.sasl.jaas.config",
        LOGIN + "username=\"onepass\" password=\"%s\";".formatted(password));
    return options;
  }
}

// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;

/** Checks the privileges and ports of containers. */
final class ContainerRules {

  private ContainerRules() {}

  /**
   * Checks that no container runs as root or can become root, that only this machine can reach
   * their ports, and that containers which have ended have not failed.
   */
  static void check(Compose compose) throws IOException {
    List<JsonNode> containers = compose.containers();
    assertThat(containers).hasSizeGreaterThanOrEqualTo(8);
    for (JsonNode container : containers) {
      String name = container.get("Name").textValue();
      assertThat(container.at("/Config/User").textValue()).as(name).isNotIn("", "0", "root");
      assertThat(container.at("/HostConfig/CapDrop"))
          .as(name)
          .extracting(JsonNode::textValue)
          .containsExactly("ALL");
      assertThat(container.at("/HostConfig/SecurityOpt"))
          .as(name)
          .extracting(JsonNode::textValue)
          .containsExactly("no-new-privileges:true");
      container
          .at("/HostConfig/PortBindings")
          .forEach(
              bindings ->
                  assertThat(bindings)
                      .as(name)
                      .allMatch(binding -> binding.get("HostIp").textValue().equals("127.0.0.1")));
      if (container.at("/State/Running").booleanValue()) {
        assertThat(compose.users(container.get("Id").textValue()))
            .as(name)
            .isNotEmpty()
            .doesNotContain("0");
      } else {
        assertThat(container.at("/State/ExitCode").intValue()).as(name).isZero();
      }
    }
  }
}

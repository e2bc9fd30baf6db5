// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.ports;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** TCP ports of the loopback address. */
public final class Ports {

  /** The loopback address. */
  public static final String HOST = "127.0.0.1";

  private Ports() {}

  /**
   * Checks that a server can listen on a port.
   *
   * @param port the port wanted, or 0 for any free port
   * @return the port
   * @throws IOException if the port is taken or may not be used
   */
  public static int check(int port) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      // As servers do: connections of an earlier run that are still closing do not matter.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IOException("port " + port + " is not available: " + e.getMessage(), e);
    }
  }

  /** Returns different ports that no server listens on at the moment. */
  public static int[] free(int count) throws IOException {
    ServerSocket[] sockets = new ServerSocket[count];
    int[] ports = new int[count];
    try {
      for (int i = 0; i < count; i++) {
        sockets[i] = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ports[i] = sockets[i].getLocalPort();
      }
      return ports;
    } finally {
      for (ServerSocket socket : sockets) {
        if (socket != null) {
          socket.close();
        }
      }
    }
  }
}

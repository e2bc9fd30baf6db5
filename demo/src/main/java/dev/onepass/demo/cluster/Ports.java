package dev.onepass.demo.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** TCP ports of the loopback address. */
public final class Ports {
  private Ports() {}

  /**
   * Finds out whether a server could listen on a port.
   *
   * @param port the port wanted, or 0 for any that is free
   * @return the port
   * @throws IOException when it is taken or not allowed
   */
  public static int check(int port) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      // As servers do: connections of an earlier run that are still closing are no obstacle.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IOException("port " + port + " cannot be had: " + e.getMessage(), e);
    }
  }
}

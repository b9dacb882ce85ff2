package io.ottla.server;

import io.ottla.broker.DiskReserve;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;

/**
 * What a server needs to know to start. Immutable; one that exists is a valid one.
 *
 * @param host names an address of the loopback interface
 * @param port 0 to 65535; 0 stands for any free one
 * @param dataDirectories at least one, absolute; none is or holds another
 * @param diskReserve what is kept free of each disk
 */
record ServerConfig(String host, int port, List<Path> dataDirectories, DiskReserve diskReserve) {
  /** With the usual reserve. */
  ServerConfig(String host, int port, List<Path> dataDirectories) {
    this(host, port, dataDirectories, DiskReserve.usual());
  }

  ServerConfig {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("--port is a number from 0 to 65535, not " + port);
    }
    checkLoopback(host);
    if (dataDirectories.isEmpty()) {
      throw new IllegalArgumentException("--data-dir is needed at least once");
    }
    dataDirectories =
        dataDirectories.stream().map(path -> path.toAbsolutePath().normalize()).toList();
    checkApart(dataDirectories);
  }

  /**
   * Whoever reaches the port may do everything, so nobody but this machine's users may reach it.
   */
  private static void checkLoopback(String host) {
    boolean loopback;
    try {
      loopback = InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("--host " + host + " is not an address that is known", e);
    }
    if (!loopback) {
      throw new IllegalArgumentException(
          "--host "
              + host
              + " can be reached from other machines, and there is neither TLS nor authentication"
              + " yet to keep strangers out; use 127.0.0.1, ::1 or localhost");
    }
  }

  private static void checkApart(List<Path> directories) {
    for (int i = 0; i < directories.size(); i++) {
      for (int j = 0; j < directories.size(); j++) {
        if (i != j && directories.get(i).startsWith(directories.get(j))) {
          throw new IllegalArgumentException(
              "--data-dir "
                  + directories.get(i)
                  + " is "
                  + directories.get(j)
                  + " or lies in it; brokers would share a disk");
        }
      }
    }
  }
}

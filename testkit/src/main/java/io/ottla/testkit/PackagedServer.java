package io.ottla.testkit;

import java.nio.file.Path;
import java.util.List;

/**
 * A server as the build packages it. Immutable.
 *
 * @param target the build directory of the module {@code server}, absolute
 */
public record PackagedServer(Path target) {
  /** The paths are made absolute: a server has a working directory of its own. */
  public PackagedServer {
    target = target.toAbsolutePath().normalize();
  }

  /** The one that {@code ottla.server.target} names, or that of the checkout given. */
  public static PackagedServer find(Path checkout) {
    String target = System.getProperty("ottla.server.target");
    return new PackagedServer(target == null ? checkout.resolve("server/target") : Path.of(target));
  }

  /** Holds the server's main class. */
  public String classPath() {
    return target.resolve("ottla-server.jar")
        + System.getProperty("path.separator")
        + target.resolve("lib")
        + "/*";
  }

  /**
   * Options for a server that lives for seconds: Java takes its classes from the archive that the
   * build made, and compiles little, which leaves the processors to others.
   */
  public List<String> jvmOptions() {
    return List.of(
        "--sun-misc-unsafe-memory-access=allow",
        "--enable-native-access=ALL-UNNAMED",
        "-XX:SharedArchiveFile=" + target.resolve("ottla-server.jsa"),
        // Without a usable archive Java starts as ever, and need not say so.
        "-Xlog:cds=off",
        "-Xlog:aot=off",
        "-XX:TieredStopAtLevel=1",
        "-Xmx512m");
  }
}

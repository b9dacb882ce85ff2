package io.ottla.disk;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** The file descriptors of this process. Thread-safe. */
public final class Descriptors {
  private Descriptors() {}

  /** How many it may have open, {@code Integer.MAX_VALUE} where that is not known. */
  public static int limit() {
    return system() instanceof UnixOperatingSystemMXBean unix
        ? Math.clamp(unix.getMaxFileDescriptorCount(), 0, Integer.MAX_VALUE)
        : Integer.MAX_VALUE;
  }

  /**
   * How many more it may open now. Counting lists a directory of the process, so not for every
   * request; 0 if there is not even a descriptor for that.
   */
  public static int free() {
    if (!(system() instanceof UnixOperatingSystemMXBean unix)) {
      return Integer.MAX_VALUE;
    }
    long open = unix.getOpenFileDescriptorCount();
    return open < 0 ? 0 : Math.clamp(limit() - open, 0, Integer.MAX_VALUE);
  }

  private static Object system() {
    return ManagementFactory.getOperatingSystemMXBean();
  }
}

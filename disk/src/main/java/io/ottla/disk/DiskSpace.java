package io.ottla.disk;

/**
 * How much a file system holds. Immutable.
 *
 * @param usableBytes what this process may still write
 * @param totalBytes its size
 */
public record DiskSpace(long usableBytes, long totalBytes) {
  /** That of a disk without an end. */
  public static final DiskSpace UNBOUNDED = new DiskSpace(Long.MAX_VALUE, Long.MAX_VALUE);
}

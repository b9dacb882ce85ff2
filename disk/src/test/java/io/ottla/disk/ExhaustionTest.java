package io.ottla.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExhaustionTest {
  @TempDir Path directory;

  @Test
  void itIsFoundHoweverDeepItLies() {
    IOException full = new IOException("No space left on device");

    assertThat(Exhaustion.of(full)).contains(Exhaustion.SPACE);
    assertThat(Exhaustion.of(new CompletionException(new UncheckedIOException(full))))
        .contains(Exhaustion.SPACE);
    assertThat(Exhaustion.of(new FileSystemException("a", null, "Disk quota exceeded")))
        .contains(Exhaustion.SPACE);
    assertThat(Exhaustion.of(new FileSystemException("a", null, "Too many open files")))
        .contains(Exhaustion.DESCRIPTORS);
    assertThat(Exhaustion.of(new IOException("Too many open files in system")))
        .contains(Exhaustion.DESCRIPTORS);
  }

  @Test
  void whatIsBrokenIsNotExhausted() {
    IOException itself = new IOException("Input/output error");

    assertThat(Exhaustion.of(itself)).isEmpty();
    assertThat(Exhaustion.of(new IOException())).isEmpty();
  }

  @Test
  void aForceThatFailedDoesNotPass() {
    IOException full = new IOException("No space left on device");
    full.setStackTrace(
        new StackTraceElement[] {
          new StackTraceElement("sun.nio.ch.FileDispatcherImpl", "force0", null, -2),
          new StackTraceElement("sun.nio.ch.FileChannelImpl", "force", null, 1)
        });

    assertThat(Exhaustion.of(new IOException("journal failed", full))).isEmpty();
    assertThat(Exhaustion.isOfForce(new IOException("journal failed", full))).isTrue();
  }

  @Test
  void theMachineSaysHowMuchItHas() throws IOException {
    DiskSpace space = new SystemDisk().space(directory);

    assertThat(space.totalBytes()).isPositive();
    assertThat(space.usableBytes()).isBetween(0L, space.totalBytes());
    assertThat(Descriptors.limit()).isPositive();
    assertThat(Descriptors.free()).isBetween(1, Descriptors.limit());
  }
}

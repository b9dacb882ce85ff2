package io.ottla.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.catalog.Catalog;
import io.ottla.catalog.CatalogSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happens to the SQL view, the broker goes on, and the view comes back. */
class BrokerCatalogTest {
  private static final CatalogSnapshot EMPTY =
      new CatalogSnapshot(
          List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

  @TempDir Path directory;

  private final Queue<Throwable> failures = new ArrayDeque<>();
  private long nanos = -5;
  private int attempts;

  @Test
  void aLibraryThatCannotBeLoadedIsTriedAgainAfterGrowingPauses() {
    failures.add(new UnsatisfiedLinkError("no sqlite here"));
    failures.add(new ExceptionInInitializerError("nor now"));
    failures.add(new IOException("disk"));
    failures.add(new IllegalStateException("bug"));
    try (BrokerCatalog catalog = catalog()) {
      for (int second = 0; second <= 15; second++) {
        catalog.project(EMPTY);
        catalog.project(EMPTY);
        nanos += TimeUnit.SECONDS.toNanos(1);
      }

      // At 0, 1, 3, 7 and 15 seconds.
      assertThat(attempts).isEqualTo(5);
      assertThat(directory.resolve("catalog.db")).exists();
    }
  }

  @Test
  void nothingIsOpenedBeforeItIsWrittenNorAfterItWasClosed() {
    BrokerCatalog catalog = catalog();
    assertThat(attempts).isZero();

    catalog.close();
    catalog.project(EMPTY);

    assertThat(attempts).isZero();
    assertThat(directory.resolve("catalog.db")).doesNotExist();
  }

  private BrokerCatalog catalog() {
    return new BrokerCatalog(directory.resolve("catalog.db"), this::open, () -> nanos);
  }

  private Catalog open(Path file) throws IOException {
    attempts++;
    return switch (failures.poll()) {
      case null -> Catalog.open(file);
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new AssertionError("not a failure of an opener");
    };
  }
}

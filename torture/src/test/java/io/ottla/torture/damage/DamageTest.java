package io.ottla.torture.damage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamageTest {
  @TempDir private Path directory;

  @Test
  void whatIsSaidToBeDamagedIs() throws IOException {
    long seed = Long.getLong("ottla.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    Path old = Files.write(directory.resolve("old"), new byte[] {1, 2, 3});
    List<Damage> all = List.of(Damage.values());
    for (int i = 0; i < 500; i++) {
      byte[] bytes = new byte[random.nextInt(5_000)];
      random.nextBytes(bytes);
      Damage damage = all.get(random.nextInt(all.size()));
      Path file = Files.write(directory.resolve("file"), bytes);
      Path before = Files.write(directory.resolve("before"), bytes);

      Optional<String> done = damage.apply(file, old, random);

      boolean same = Files.exists(file) && Files.mismatch(file, before) < 0;
      assertThat(done.isPresent()).as("%s, seed %d", damage, seed).isEqualTo(!same);
    }
  }

  @Test
  void anEmptyFileCanOnlyBeDeletedOrReplaced() throws IOException {
    for (Damage damage : Damage.values()) {
      Path file = directory.resolve("empty");
      Files.deleteIfExists(file);
      Files.createFile(file);

      Optional<String> done =
          damage.apply(file, directory.resolve("none"), new SplittableRandom(1));

      assertThat(done.isPresent()).as(damage.toString()).isEqualTo(damage == Damage.DELETE);
    }
  }

  @Test
  void anOldCopyOfADirectoryTakesItsPlace() throws IOException {
    Path old = Files.createDirectories(directory.resolve("old/part"));
    Files.writeString(old.resolve("a"), "old");
    Path now = Files.createDirectories(directory.resolve("now/part"));
    Files.writeString(now.resolve("a"), "new");
    Files.writeString(now.resolve("b"), "new");

    Damage.OLD_COPY.apply(now.getParent(), old.getParent(), new SplittableRandom(1));

    assertThat(now.resolve("a")).hasContent("old");
    assertThat(now.resolve("b")).doesNotExist();
  }
}

package io.ottla.broker.identity;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ottla.disk.SystemDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealedJsonTest {
  private final SealedJson<DeploymentFile> json =
      SealedJson.of(
          new SystemDisk(),
          DeploymentFile.class,
          DeploymentFile.Version1.class,
          DeploymentFile.Version1::upgrade);
  private final DeploymentFile value =
      new DeploymentFile(2, 2, new UUID(7, 8), 5, 3, List.of("c1", "sub/c2-ä"));
  private Path path;

  @BeforeEach
  void choosePath(@TempDir Path directory) {
    path = directory.resolve("deployment.json");
  }

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    json.write(path, value);

    assertThat(json.read(path).value()).contains(value);
    assertThat(json.holds(path, value)).isTrue();
    assertThat(Files.readString(path)).contains("\"next_cluster_number\" : 3");
  }

  @Test
  void everyChangedBitAndEveryMissingTailIsDamage() throws IOException {
    json.write(path, value);
    byte[] whole = Files.readAllBytes(path);

    for (int bit = 0; bit < whole.length * 8; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(path, flipped);
      assertThat(json.read(path).value()).as("bit %d", bit).isEmpty();
    }
    for (int length = 0; length < whole.length; length++) {
      Files.write(path, Arrays.copyOf(whole, length));
      assertThat(json.read(path).damage()).as("length %d", length).isPresent();
    }
  }

  @Test
  void aFileOfAnOlderBuildIsAcceptedAndToBeWrittenAnew() throws IOException {
    Files.writeString(
        path, "{\"version\":1,\"next_cluster_number\":4,\"log_directories\":[\"c1\",\"c1\"]}");

    assertThat(json.read(path))
        .isInstanceOfSatisfying(
            IdentityRead.Whole.class, whole -> assertThat(whole.isCurrent()).isFalse());
    assertThat(json.read(path).value().orElseThrow().logDirectories()).containsExactly("c1");
  }

  @Test
  void aNewerBuildsFileIsToldFromADamagedOne() throws IOException {
    String body = "{\n  \"version\" : 9,\n  \"unheard_of\" : true";
    Files.write(path, SealedJson.sealed(body).getBytes(UTF_8));

    assertThatThrownBy(() -> json.read(path))
        .isInstanceOf(NewerFormatException.class)
        .hasMessageContaining("nothing was touched");
  }

  @Test
  void whatCannotBeReadIsNotMissing() throws IOException {
    Files.createDirectory(path);

    assertThat(json.read(path)).isInstanceOf(IdentityRead.Unreadable.class);
    assertThat(json.read(path.resolveSibling("other"))).isInstanceOf(IdentityRead.Missing.class);
  }
}

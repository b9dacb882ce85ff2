package io.ottla.torture.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplicaFilesTest {
  private static final String FIRST = "00000000000000000000.log";
  private static final String SECOND = "00000000000000000100.log";

  @TempDir private Path cluster;

  @Test
  void replicasThatAreAlikePass() throws IOException {
    write(1, FIRST, "abc");
    write(2, FIRST, "abc");
    write(1, SECOND, "def");
    write(2, SECOND, "def");
    write(1, "00000000000000000000.index", "x");

    assertThat(new ReplicaFiles(cluster).differences()).isEmpty();
  }

  @Test
  void aSegmentThatIsStillToGoIsNoDifference() throws IOException {
    write(1, FIRST, "abc");
    write(1, SECOND, "def");
    write(2, SECOND, "def");

    assertThat(new ReplicaFiles(cluster).differences()).isEmpty();
  }

  @Test
  void otherBytesAndMissingEndsAreFound() throws IOException {
    write(1, FIRST, "abc");
    write(2, FIRST, "abd");
    write(3, FIRST, "ab");

    assertThat(new ReplicaFiles(cluster).differences()).hasSize(2);
  }

  @Test
  void onlyInternalTopicsMayLackTheEndSomewhere() throws IOException {
    write("__consumer_offsets-0", 1, FIRST, "abc");
    write("__consumer_offsets-0", 2, FIRST, "ab");
    assertThat(new ReplicaFiles(cluster).differences()).isEmpty();

    write("__consumer_offsets-0", 3, FIRST, "axc");
    assertThat(new ReplicaFiles(cluster).differences()).hasSize(1);
  }

  @Test
  void aMissingLastSegmentIsFound() throws IOException {
    write(1, FIRST, "abc");
    write(1, SECOND, "def");
    write(2, FIRST, "abc");

    assertThat(new ReplicaFiles(cluster).differences()).hasSize(1);
  }

  private void write(int broker, String name, String bytes) throws IOException {
    write("orders-0", broker, name, bytes);
  }

  private void write(String partition, int broker, String name, String bytes) throws IOException {
    Path directory = cluster.resolve("broker-" + broker + "/topics/" + partition);
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(name), bytes);
  }
}

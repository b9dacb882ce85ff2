package io.ottla.torture.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
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

    assertThat(differences(2)).isEmpty();
  }

  @Test
  void aClosedSegmentThatIsMissingIsFound() throws IOException {
    write(1, FIRST, "abc");
    write(1, SECOND, "def");
    write(2, SECOND, "def");

    assertThat(differences(2)).singleElement().asString().contains(FIRST);
  }

  @Test
  void aReplicaThatIsMissingIsFound() throws IOException {
    write(1, FIRST, "abc");
    write(2, FIRST, "abc");
    Files.createDirectories(cluster.resolve("broker-3/topics"));

    assertThat(differences(3)).singleElement().asString().contains("broker-3", "orders-0");
    assertThat(differences(4)).hasSize(2);
  }

  @Test
  void aPartitionThatNobodyHasIsFound() throws IOException {
    write(1, FIRST, "abc");
    write(2, FIRST, "abc");

    assertThat(new ReplicaFiles(cluster, 2, Map.of("orders", 2)).differences())
        .hasSize(2)
        .allMatch(line -> line.endsWith("has no orders-1"));
  }

  @Test
  void aDirectoryWithALongerNameIsTheReplica() throws IOException {
    write(1, FIRST, "abc");
    write("orders-0.a1b2.17", 2, FIRST, "abd");
    write("orders-0.a1b2.deleted", 2, FIRST, "abc");

    assertThat(differences(2)).singleElement().asString().contains("differ at byte 2");

    write("orders-0", 2, FIRST, "nobody's");
    String lines = "version: 0\n";
    CRC32C sum = new CRC32C();
    sum.update(lines.getBytes(StandardCharsets.UTF_8));
    write(
        "orders-0.a1b2.17",
        2,
        "partition.metadata",
        "%scrc32c: %08x\n".formatted(lines, sum.getValue()));

    assertThat(differences(2)).singleElement().asString().contains("differ at byte 2");
  }

  @Test
  void aCompactedSegmentThatIsStillToGoIsNoDifference() throws IOException {
    writeOrders(2);
    write("__consumer_offsets-0", 1, FIRST, "abc");
    write("__consumer_offsets-0", 1, SECOND, "def");
    write("__consumer_offsets-0", 2, SECOND, "def");

    assertThat(differences(2)).isEmpty();
  }

  @Test
  void otherBytesAndMissingEndsAreFound() throws IOException {
    write(1, FIRST, "abc");
    write(2, FIRST, "abd");
    write(3, FIRST, "ab");

    assertThat(differences(3)).hasSize(2);
  }

  @Test
  void onlyInternalTopicsMayLackTheEndSomewhere() throws IOException {
    writeOrders(3);
    write("__consumer_offsets-0", 3, FIRST, "abc");
    write("__consumer_offsets-0", 1, FIRST, "abc");
    write("__consumer_offsets-0", 2, FIRST, "ab");
    assertThat(differences(3)).isEmpty();

    write("__consumer_offsets-0", 3, FIRST, "axc");
    assertThat(differences(3)).hasSize(1);
  }

  @Test
  void aMissingLastSegmentIsFound() throws IOException {
    write(1, FIRST, "abc");
    write(1, SECOND, "def");
    write(2, FIRST, "abc");

    assertThat(differences(2)).hasSize(1);
  }

  private List<String> differences(int brokers) throws IOException {
    return new ReplicaFiles(cluster, brokers, Map.of("orders", 1)).differences();
  }

  private void writeOrders(int brokers) throws IOException {
    for (int broker = 1; broker <= brokers; broker++) {
      write(broker, FIRST, "abc");
    }
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

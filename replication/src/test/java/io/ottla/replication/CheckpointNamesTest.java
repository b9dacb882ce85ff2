package io.ottla.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.disk.Disk.OpenMode;
import io.ottla.disk.ForgetfulDisk;
import io.ottla.replication.StartedReplicas.Started;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A checkpoint counts when its name is forced, be it by the start that finds it. */
class CheckpointNamesTest {
  private static final Path BROKER = Path.of("/data/broker-1");
  private static final int CUTS = 50;

  private final GroupSpec spec = new GroupSpec(1, UUID.randomUUID(), List.of(1), 1);
  private final Path directory = new ReplicaFiles(BROKER, spec).checkpoints();

  private Checkpoint checkpoint(long index) {
    return new Checkpoint(spec.id(), 1, index, List.of(), ByteBuffer.wrap(new byte[] {1}));
  }

  /** As a process leaves it that is killed between the rename and the force of the directory. */
  private void writeAndDie(ForgetfulDisk disk, Checkpoint checkpoint) throws IOException {
    Path beside = directory.resolve("killed.tmp");
    try (var file = disk.open(beside, OpenMode.CREATE)) {
      file.write(ByteBuffer.wrap(checkpoint.toBytes()), 0);
      file.force();
    }
    disk.rename(beside, directory.resolve("%020d.checkpoint".formatted(checkpoint.index())));
  }

  @Test
  void whatAStartGoesOnFromSurvivesAPowerCut() throws IOException {
    for (int seed = 0; seed < CUTS; seed++) {
      ForgetfulDisk disk = new ForgetfulDisk();
      disk.createDirectories(directory);
      for (Path above = directory; above != null; above = above.getParent()) {
        disk.forceDirectory(above);
      }
      new CheckpointStore(disk, directory, spec.id()).write(checkpoint(10));
      writeAndDie(disk, checkpoint(20));

      Started started =
          new StartedReplicas(disk, UUID.randomUUID(), List.of(spec), _ -> BROKER)
              .start(List.of(1))
              .getFirst();
      disk.powerCut(new Random(seed));

      assertThat(started.endIndex()).as("seed %d", seed).isEqualTo(20);
      assertThat(new CheckpointStore(disk, directory, spec.id()).newest())
          .as("seed %d", seed)
          .hasValueSatisfying(found -> assertThat(found.index()).isEqualTo(20));
    }
  }
}

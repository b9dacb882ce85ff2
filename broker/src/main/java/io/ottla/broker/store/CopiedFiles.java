package io.ottla.broker.store;

import io.ottla.broker.PartitionWaiters.PartitionId;
import io.ottla.broker.store.PartitionDirectories.Owned;
import io.ottla.disk.Disk;
import io.ottla.log.BatchCopies;
import io.ottla.log.CopiedSegment;
import io.ottla.log.LogRepair.Scrubbed;
import io.ottla.replication.FileCheck;
import io.ottla.replication.ReplicatedState.PinnedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies the files of a store that are copied from another broker: each batch of each segment. A
 * damaged one is taken from this replica's own old file or from another replica. If none has it, it
 * stays as it is and is said: a copy with the damage of all is better than none, and its checksum
 * still refuses it. One owner, for one rebuild.
 */
final class CopiedFiles implements FileCheck {
  private static final Logger LOGGER = LoggerFactory.getLogger(CopiedFiles.class);

  private final PartitionStore store;
  private final Disk disk;
  private final List<StoreCheckpoint.Part> parts;
  private final OtherReplicas others;
  private final List<Owned> old;

  /**
   * A check of the files that a checkpoint names.
   *
   * @param store the replica to be
   * @param old what this broker has had of the group so far
   */
  CopiedFiles(
      PartitionStore store,
      Disk disk,
      List<StoreCheckpoint.Part> parts,
      OtherReplicas others,
      List<Owned> old) {
    this.store = store;
    this.disk = disk;
    this.parts = parts;
    this.others = others;
    this.old = old;
  }

  @Override
  public void copied(PinnedFile file, Path copy) throws IOException {
    if (copy.getFileName().toString().equals(PartitionMetadata.FILE_NAME)) {
      if (PartitionMetadata.read(disk, copy.getParent()).isEmpty()) {
        LOGGER.warn("copied damage: file={} reason=no partition's metadata", file.path());
      }
      return;
    }
    Optional<StoreCheckpoint.Part> part = partOf(copy.getParent());
    if (part.isEmpty()) {
      LOGGER.warn("copied unseen: file={} reason=nobody knows whose it is", file.path());
      return;
    }
    UUID topicId = part.get().metadata().topicId();
    int partition = part.get().metadata().partition();
    BatchCopies copies = new ReplicaCopies(store, others, topicId, partition);
    List<BatchCopies> all = new ArrayList<>();
    for (Owned own : old) {
      if (own.metadata().equals(part.get().metadata())) {
        Path directory = store.directories().path(own.name());
        all.add(CopiedSegment.copiesIn(disk, directory, part.get().log()));
      }
    }
    all.add(copies);
    Scrubbed verified = CopiedSegment.mend(disk, copy, part.get().log(), BatchCopies.anyOf(all));
    if (verified.damaged() > verified.repaired()) {
      LOGGER.warn(
          "copied damage: file={} damaged={} repaired={}",
          file.path(),
          verified.damaged(),
          verified.repaired());
    }
  }

  /**
   * Its own name, or, while another group of this broker has that, a longer one. A name that is no
   * partition's of the checkpoint stays as it is.
   */
  @Override
  public Path place(Path directory) throws IOException {
    String name = directory.getFileName().toString();
    for (StoreCheckpoint.Part part : parts) {
      if (PartitionDirectories.names(part.metadata()).contains(name)) {
        return store.directories().claimToArrive(name, part.metadata());
      }
    }
    return directory;
  }

  /** Whose a directory is: its metadata was copied before its segments. */
  private Optional<StoreCheckpoint.Part> partOf(Path directory) throws IOException {
    Optional<PartitionMetadata> metadata = PartitionMetadata.read(disk, directory);
    String name = directory.getFileName().toString();
    for (StoreCheckpoint.Part part : parts) {
      PartitionMetadata wanted = part.metadata();
      boolean isIt =
          metadata.isPresent()
              ? id(metadata.get()).equals(id(wanted))
              : PartitionDirectories.names(wanted).contains(name);
      if (isIt) {
        return Optional.of(part);
      }
    }
    return Optional.empty();
  }

  private static PartitionId id(PartitionMetadata metadata) {
    return new PartitionId(metadata.topicId(), metadata.partition());
  }
}

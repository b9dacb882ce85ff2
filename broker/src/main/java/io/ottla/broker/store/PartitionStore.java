package io.ottla.broker.store;

import io.ottla.broker.PartitionWaiters.PartitionId;
import io.ottla.broker.store.DataCommand.AlterPartition;
import io.ottla.broker.store.DataCommand.Append;
import io.ottla.broker.store.DataCommand.Compact;
import io.ottla.broker.store.DataCommand.CreatePartition;
import io.ottla.broker.store.DataCommand.DropPartition;
import io.ottla.broker.store.DataCommand.ExpireProducers;
import io.ottla.broker.store.DataCommand.ShortenProducers;
import io.ottla.broker.store.DataCommand.TrimFront;
import io.ottla.broker.store.PartitionDirectories.Owned;
import io.ottla.broker.store.ProducerClaim.ProducerKey;
import io.ottla.disk.Disk;
import io.ottla.groups.GroupTable;
import io.ottla.groups.GroupView;
import io.ottla.log.CorruptBatchException;
import io.ottla.log.OpenFiles;
import io.ottla.log.PartitionLog;
import io.ottla.log.RecordBatch;
import io.ottla.log.StoredRecord;
import io.ottla.metadata.Names;
import io.ottla.replication.Entry;
import io.ottla.replication.FileCheck;
import io.ottla.replication.ReplicatedState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The replica of one data group on one broker: its partitions' files, what they remember of their
 * producers, and the consumer groups that its partition of {@code __consumer_offsets} tells of.
 *
 * <h2>On disk</h2>
 *
 * One directory per partition ({@link PartitionDirectories}) with a {@link PartitionLog} and a
 * {@link PartitionMetadata}; the rest is memory, saved with a {@link StoreCheckpoint}.
 *
 * <h2>Always true</h2>
 *
 * What is here after entry i depends on the entries 0..i alone, the directories' names excepted.
 * What a reader sees is committed: nothing is applied before a majority has it.
 *
 * <h2>Threads</h2>
 *
 * {@link #restore}, {@link #apply}, {@link #capture} and {@link #close}: the group's apply thread.
 * Everything else: any thread.
 *
 * <h2>Failure</h2>
 *
 * The first I/O error ends the replica; its broker is failed and may be restored. A damaged batch
 * is taken from another replica; one that no other has and a compaction meets loses the replica:
 * see {@link #compact}.
 */
public final class PartitionStore implements ReplicatedState {
  /** A creation's number: its entry's index, and its place among the entry's commands. */
  private static final int ORDINAL_BITS = 16;

  private final int group;
  private final Disk disk;
  private final PartitionDirectories directories;
  private final OpenFiles openFiles;
  private final PartitionListener listener;
  private final ProducerMemory.Share memory;
  private final OtherReplicas others;
  private final PartitionReader reader = new LocalPartitionReader(this);
  private final GroupTable groups = new GroupTable();
  private final Map<PartitionId, PartitionReplica> partitions = new ConcurrentHashMap<>();

  /** Changed by the apply thread, which alone looks at it. */
  private ExpiredProducers expired = new ExpiredProducers();

  /** Directories of dropped partitions that a checkpoint may still name. */
  private final Queue<String> doomed = new ConcurrentLinkedQueue<>();

  /**
   * A replica that holds nothing yet: {@link #restore} comes first.
   *
   * @param group the data group's number
   * @param directories of its broker, shared with the broker's other stores
   * @param memory of the whole process, shared with all its stores
   * @param others where copies of damaged batches are to be had
   */
  public PartitionStore(
      int group,
      Disk disk,
      PartitionDirectories directories,
      OpenFiles openFiles,
      PartitionListener listener,
      ProducerMemory memory,
      OtherReplicas others) {
    this.others = others;
    this.group = group;
    this.disk = disk;
    this.directories = directories;
    this.openFiles = openFiles;
    this.listener = listener;
    this.memory = memory.open();
  }

  /** The same with memory for producers of its own, no bound to it, and no other replicas. */
  public PartitionStore(
      int group,
      Disk disk,
      PartitionDirectories directories,
      OpenFiles openFiles,
      PartitionListener listener) {
    this(
        group,
        disk,
        directories,
        openFiles,
        listener,
        ProducerMemory.unlimited(),
        OtherReplicas.NONE);
  }

  /** Its partitions, in no order. A view that follows. */
  public Collection<PartitionReplica> partitions() {
    return Collections.unmodifiableCollection(partitions.values());
  }

  /** One of its partitions. */
  public Optional<PartitionReplica> partition(UUID topicId, int partition) {
    return Optional.ofNullable(find(topicId, partition));
  }

  /** Reads its partitions. */
  public PartitionReader reader() {
    return reader;
  }

  /** When each producer that its partitions remember last sent something, by the entries' time. */
  public Map<Long, Long> producersLastUsedMs() {
    Map<Long, Long> latest = new HashMap<>();
    for (PartitionReplica replica : partitions.values()) {
      replica.producers().lastUsedMs(latest);
    }
    return latest;
  }

  /**
   * Whether the producer may append to the partition as far as memory goes: it has done so before,
   * or there is room for one more to be remembered.
   */
  public boolean hasRoomFor(UUID topicId, int partition, ProducerKey producer) {
    if (!memory.isFull()) {
      return true;
    }
    PartitionReplica replica = find(topicId, partition);
    return replica == null || replica.producers().knows(producer);
  }

  /** Whether any of its partitions would forget something by this now. Any thread. */
  public boolean wouldForget(ShortenProducers shorten) {
    return partitions.values().stream()
        .anyMatch(
            replica -> replica.producers().wouldForget(shorten.usedBeforeMs(), shorten.keep()));
  }

  /** The consumer groups that this data group coordinates. */
  public GroupView groups() {
    return groups;
  }

  PartitionReplica find(UUID topicId, int partition) {
    return partitions.get(new PartitionId(topicId, partition));
  }

  PartitionDirectories directories() {
    return directories;
  }

  @Override
  public void restore(Optional<byte[]> checkpoint) throws IOException {
    StoreCheckpoint saved =
        checkpoint.isPresent()
            ? StoreCheckpoint.read(group, checkpoint.get())
            : new StoreCheckpoint(group, List.of(), new ExpiredProducers(), new byte[0]);
    List<Owned> found = directories.rescan(group);
    for (StoreCheckpoint.Part part : saved.parts()) {
      PartitionReplica replica = restore(part, found);
      partitions.put(id(part.metadata()), replica);
      found.removeIf(owned -> owned.name().equals(replica.directoryName()));
    }
    for (Owned leftover : found) {
      if (!isInUse(leftover.name())) {
        directories.remove(leftover.name());
      }
    }
    expired = saved.expired();
    if (saved.groupTable().length > 0) {
      groups.load(saved.groupTable());
    }
  }

  private boolean isInUse(String directoryName) {
    for (PartitionReplica replica : partitions.values()) {
      if (replica.directoryName().equals(directoryName)) {
        return true;
      }
    }
    return false;
  }

  private PartitionReplica restore(StoreCheckpoint.Part part, List<Owned> found)
      throws IOException {
    String name = locate(part, found);
    boolean hasMetadata = part.metadata().isIn(disk, directories.path(name));
    if (!hasMetadata) {
      disk.delete(directories.path(name).resolve(PartitionMetadata.FILE_NAME));
      part.metadata().create(disk, directories.path(name));
    }
    PartitionLog log =
        PartitionLog.restore(
            disk, directories.path(name), part.config().logConfig(), openFiles, part.log());
    repairFromOthers(part.metadata(), log);
    return new PartitionReplica(
        part.metadata(),
        log,
        new PartitionProducers(part.producers(), memory),
        part.config(),
        name,
        hasMetadata);
  }

  private void repairFromOthers(PartitionMetadata metadata, PartitionLog log) {
    log.repair()
        .copyFrom(new ReplicaCopies(this, others, metadata.topicId(), metadata.partition()));
  }

  /** The directory of a partition that the checkpoint names, moved back if it was moved aside. */
  private String locate(StoreCheckpoint.Part part, List<Owned> found) throws IOException {
    PartitionMetadata metadata = part.metadata();
    Owned aside = null;
    for (Owned owned : found) {
      if (owned.metadata().equals(metadata)) {
        if (!owned.isDeleted()) {
          return owned.name();
        }
        aside = owned;
      }
    }
    if (aside != null) {
      String name = directories.moveBack(aside.name(), metadata);
      found.remove(aside);
      return name;
    }
    return directories
        .adoptUnowned(metadata, part.log())
        .orElseThrow(
            () -> lost(metadata, "its directory is missing, or another's by its metadata"));
  }

  private static LostReplicaException lost(PartitionMetadata metadata, String fact) {
    return new LostReplicaException(
        "partition is lost: partition=%s-%d: %s"
            .formatted(metadata.topicName(), metadata.partition(), fact));
  }

  @Override
  public ByteBuffer apply(Entry entry) throws IOException {
    List<DataCommand> commands = DataEntry.decode(entry.payload());
    List<DataResult> results = new ArrayList<>(commands.size());
    for (DataCommand command : commands) {
      results.add(
          switch (command) {
            case Append append -> append(append, entry);
            case CreatePartition create ->
                create(create, entry.index() << ORDINAL_BITS | results.size());
            case AlterPartition alter -> alter(alter);
            case DropPartition drop -> drop(drop);
            case TrimFront trim -> trim(trim);
            case Compact compact -> compact(compact);
            case ExpireProducers expire -> expire(expire);
            case ShortenProducers shorten -> shorten(shorten);
          });
    }
    return DataResults.encode(results);
  }

  private DataResult append(Append append, Entry entry) throws IOException {
    PartitionReplica replica = find(append.topicId(), append.partition());
    if (replica == null) {
      return new DataResult.NoSuchPartition();
    }
    RecordBatch batch;
    try {
      batch = RecordBatch.wrap(append.batch());
    } catch (CorruptBatchException e) {
      return new DataResult.InvalidBatch();
    }
    if (append.claim().isPresent()) {
      DataResult refusal = refusal(replica, append.claim().get(), entry.appendTimeMs());
      if (refusal != null) {
        return refusal;
      }
    }
    long baseOffset =
        replica.log().append(append.batch(), (int) entry.term(), entry.appendTimeMs());
    if (append.claim().isPresent()) {
      replica
          .producers()
          .appended(append.claim().get(), baseOffset, batch.recordCount(), entry.appendTimeMs());
    }
    if (replica.topicName().equals(Names.CONSUMER_OFFSETS)) {
      applyToGroups(batch);
    }
    listener.appended(append.topicId(), append.partition(), replica.endOffset());
    return new DataResult.Appended(baseOffset);
  }

  /** Why a batch with this claim must not be appended; null if it must be. */
  private DataResult refusal(PartitionReplica replica, ProducerClaim claim, long nowMs) {
    return expired.contains(claim.producer().producerId())
        ? new DataResult.ProducerExpired()
        : replica.producers().refusal(claim, nowMs);
  }

  private DataResult expire(ExpireProducers expire) {
    for (PartitionReplica replica : partitions.values()) {
      replica.producers().forget(expire.producerIds());
    }
    expire.producerIds().forEach(expired::add);
    return new DataResult.Done();
  }

  private DataResult shorten(ShortenProducers shorten) {
    for (PartitionReplica replica : partitions.values()) {
      replica.producers().shorten(shorten.usedBeforeMs(), shorten.keep());
    }
    return new DataResult.Done();
  }

  private void applyToGroups(RecordBatch batch) throws IOException {
    List<GroupTable.KeyValue> records = new ArrayList<>(batch.recordCount());
    for (StoredRecord record : batch.records()) {
      records.add(new GroupTable.KeyValue(record.key(), record.value()));
    }
    groups.apply(records);
  }

  private DataResult create(CreatePartition create, long incarnation) throws IOException {
    PartitionId id = new PartitionId(create.topicId(), create.partition());
    if (!partitions.containsKey(id)) {
      PartitionMetadata metadata =
          new PartitionMetadata(
              create.topicId(), create.topicName(), create.partition(), group, incarnation);
      String name = directories.claim(metadata);
      Path path = directories.path(name);
      disk.createDirectories(path);
      metadata.create(disk, path);
      PartitionLog log = PartitionLog.create(disk, path, create.config().logConfig(), openFiles);
      repairFromOthers(metadata, log);
      partitions.put(
          id,
          new PartitionReplica(
              metadata, log, new PartitionProducers(memory), create.config(), name, false));
      listener.appended(create.topicId(), create.partition(), 0);
    }
    return new DataResult.Done();
  }

  private DataResult alter(AlterPartition alter) {
    PartitionReplica replica = find(alter.topicId(), alter.partition());
    if (replica == null) {
      return new DataResult.NoSuchPartition();
    }
    replica.configure(alter.config());
    return new DataResult.Done();
  }

  private DataResult drop(DropPartition drop) throws IOException {
    PartitionReplica replica = partitions.remove(new PartitionId(drop.topicId(), drop.partition()));
    if (replica != null) {
      replica.markDropped();
      replica.producers().release();
      try {
        replica.log().close();
        replica.movedAside(directories.moveAside(replica.directoryName(), replica.metadata()));
      } catch (IOException e) {
        replica.stuck(e);
        throw e;
      }
      doomed.add(replica.directoryName());
      listener.dropped(drop.topicId(), drop.partition());
    }
    return new DataResult.Done();
  }

  private DataResult trim(TrimFront trim) throws IOException {
    PartitionReplica replica = find(trim.topicId(), trim.partition());
    if (replica == null) {
      return new DataResult.NoSuchPartition();
    }
    PartitionLog log = replica.log();
    if (trim.newStartOffset() > log.startOffset()) {
      log.trimFront(Math.min(trim.newStartOffset(), log.endOffset()));
    }
    return new DataResult.Done();
  }

  /**
   * A damaged batch that cannot be repaired must not be left out, nor left as it is, while the
   * other replicas go on with the whole one: from then on the logs would differ. So the replica is
   * lost, and rebuilt from a checkpoint of the others that has this behind it. The leader has read
   * all of these batches itself before it decided, so there is one to rebuild from.
   */
  private DataResult compact(Compact compact) throws IOException {
    PartitionReplica replica = find(compact.topicId(), compact.partition());
    if (replica == null) {
      return new DataResult.NoSuchPartition();
    }
    try {
      return replica.config().compacted() && replica.log().compact(compact.compaction())
          ? new DataResult.Done()
          : new DataResult.NotCompacted();
    } catch (CorruptBatchException e) {
      throw lost(replica.metadata(), e.getMessage());
    }
  }

  @Override
  public Capture capture() {
    List<StoreCapture.Part> parts = new ArrayList<>(partitions.size());
    for (PartitionReplica replica : partitions.values()) {
      parts.add(
          new StoreCapture.Part(
              replica, replica.config(), replica.log().capture(), replica.producers().snapshot()));
    }
    return new StoreCapture(
        group, disk, directories, parts, groups.capture(), expired.copy(), doomed);
  }

  @Override
  public FileCheck fileCheck(byte[] checkpoint) throws IOException {
    List<StoreCheckpoint.Part> parts = StoreCheckpoint.read(group, checkpoint).parts();
    return new CopiedFiles(this, disk, parts, others, directories.owned(group));
  }

  @Override
  public List<Path> ownedDirectories() throws IOException {
    List<Path> owned = new ArrayList<>();
    for (Owned directory : directories.owned(group)) {
      owned.add(directories.relativePath(directory.name()));
    }
    return owned;
  }

  @Override
  public void close() throws IOException {
    memory.close();
    for (PartitionReplica replica : partitions.values()) {
      replica.log().close();
    }
  }

  private static PartitionId id(PartitionMetadata metadata) {
    return new PartitionId(metadata.topicId(), metadata.partition());
  }
}

package io.ottla.broker.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.broker.PartitionWaiters.PartitionId;
import io.ottla.broker.store.ProducerClaim.Mark;
import io.ottla.broker.store.ProducerClaim.ProducerKey;
import io.ottla.disk.ForgetfulDisk;
import io.ottla.log.Compaction;
import io.ottla.log.Compression;
import io.ottla.log.KeptOffsets;
import io.ottla.log.OpenFiles;
import io.ottla.log.RecordBatchBuilder;
import io.ottla.log.SegmentSummary;
import io.ottla.replication.Entry;
import io.ottla.replication.ReplicatedState.Capture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Two data groups of one broker against a model, under random commands, checkpoints and power cuts.
 * The journals are the test's, and never lost.
 */
class PartitionStoreCrashTest {
  private static final Path BROKER = Path.of("/data/c1/broker-1");
  private static final int HISTORIES = 40;
  private static final int STEPS = 150;

  @Test
  void whatWasAppliedIsThereAfterEveryPowerCut() throws IOException {
    long seed = System.nanoTime();
    int compactions = 0;
    for (int i = 0; i < HISTORIES; i++) {
      History history = new History(seed + i);
      history.run();
      compactions += history.compactions;
    }
    assertThat(compactions).isGreaterThan(HISTORIES);
  }

  /** One broker's life. */
  private static final class History {
    private final String hint;
    private final Random random;
    private final ForgetfulDisk disk = new ForgetfulDisk();
    private final ForgetfulDisk witnessDisk = new ForgetfulDisk();
    private final Topics topics;
    private final List<Group> groups = new ArrayList<>();
    private final PartitionDirectories witnessDirectories;
    private int cuts;
    private int compactions;

    History(long seed) throws IOException {
      hint = "seed " + seed;
      random = new Random(seed);
      topics = new Topics(random);
      witnessDirectories = PartitionDirectories.open(witnessDisk, BROKER);
      for (int number = 1; number <= 2; number++) {
        groups.add(new Group(number));
      }
    }

    void run() throws IOException {
      disk.createDirectories(BROKER);
      for (Path directory = BROKER; directory != null; directory = directory.getParent()) {
        disk.forceDirectory(directory);
      }
      start();
      for (int step = 0; step < STEPS; step++) {
        try {
          Group group = groups.get(random.nextInt(2));
          switch (random.nextInt(14)) {
            case 0 -> group.beginCheckpoint();
            case 1, 2 -> group.finishCheckpoint();
            case 3 -> crash();
            case 4 -> disk.cutPowerAfter(1 + random.nextInt(12));
            default -> group.applyNext();
          }
        } catch (ForgetfulDisk.PowerCutException e) {
          crash();
        }
      }
      crash();
      for (Group group : groups) {
        group.checkAgainstWitness();
      }
      assertThat(cuts).as(hint).isPositive();
    }

    private void crash() throws IOException {
      cuts++;
      disk.powerCut(random);
      start();
      for (Group group : groups) {
        group.model.check(group.store, hint);
      }
    }

    private void start() throws IOException {
      PartitionDirectories directories = PartitionDirectories.open(disk, BROKER);
      OpenFiles files = new OpenFiles(1 + random.nextInt(20));
      for (Group group : groups) {
        group.restore(directories, files);
      }
    }

    /** A data group: its journal, its newest checkpoint, its replica and a second one. */
    private final class Group {
      private final int number;
      private final StoreModel model = new StoreModel();
      private final List<Entry> journal = new ArrayList<>();
      private final PartitionStore witness;
      private PartitionStore store;
      private Capture capture;
      private int captureIndex;
      private Optional<byte[]> checkpoint = Optional.empty();
      private int checkpointIndex;

      Group(int number) throws IOException {
        this.number = number;
        this.witness =
            new PartitionStore(
                number, witnessDisk, witnessDirectories, new OpenFiles(50), PartitionListener.NONE);
        witness.restore(Optional.empty());
      }

      void restore(PartitionDirectories directories, OpenFiles files) throws IOException {
        capture = null;
        store = new PartitionStore(number, disk, directories, files, PartitionListener.NONE);
        store.restore(checkpoint);
        for (Entry entry : journal.subList(checkpointIndex, journal.size())) {
          store.apply(entry);
        }
      }

      void applyNext() throws IOException {
        List<DataCommand> commands = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
          commands.add(topics.nextCommand(number, model, witness));
        }
        Entry entry =
            new Entry(
                journal.size() + 1,
                1 + journal.size() / 10,
                100L * journal.size(),
                DataEntry.encode(commands).asReadOnlyBuffer());
        journal.add(entry);
        List<DataResult> answered = DataResults.decode(witness.apply(entry));
        List<DataResult> expected = model.apply(entry, answered);
        for (int i = 0; i < commands.size(); i++) {
          if (commands.get(i) instanceof DataCommand.Compact
              && answered.get(i).equals(new DataResult.Done())) {
            compactions++;
          }
        }
        assertThat(answered).as(hint).isEqualTo(expected);
        assertThat(DataResults.decode(store.apply(entry))).as(hint).isEqualTo(expected);
      }

      void beginCheckpoint() {
        capture = store.capture();
        captureIndex = journal.size();
      }

      void finishCheckpoint() throws IOException {
        if (capture == null) {
          return;
        }
        Capture done = capture;
        capture = null;
        done.force();
        checkpoint = Optional.of(done.state());
        checkpointIndex = captureIndex;
        for (var file : done.files()) {
          assertThat(disk.sizeBytes(BROKER.resolve(file.path())))
              .as(hint)
              .isGreaterThanOrEqualTo(file.lengthBytes());
        }
        done.durable();
      }

      void checkAgainstWitness() throws IOException {
        assertThat(store.capture().state()).as(hint).isEqualTo(witness.capture().state());
        beginCheckpoint();
        finishCheckpoint();
        List<Path> owned = store.ownedDirectories();
        assertThat(owned).as(hint).hasSize(store.partitions().size());
        for (PartitionReplica replica : store.partitions()) {
          Path directory =
              store
                  .reader()
                  .extent(replica.topicId(), replica.partition())
                  .orElseThrow()
                  .directory();
          assertThat(owned).as(hint).contains(directory);
        }
      }
    }
  }

  /** Three names whose topics come, go and come again, their partitions in the other group. */
  private static final class Topics {
    private record Topic(UUID id, String name) {}

    private final Random random;
    private final List<Topic> current = new ArrayList<>();
    private int count;
    private long producers = 4;

    Topics(Random random) {
      this.random = random;
      for (String name : List.of("a", "b", "a-0")) {
        current.add(new Topic(new UUID(0, count++), name));
      }
    }

    DataCommand nextCommand(int group, StoreModel model, PartitionStore replica) {
      Topic topic = current.get(random.nextInt(current.size()));
      UUID id = topic.id();
      int partition = (int) ((id.getLeastSignificantBits() + group) % 2 + 2L * random.nextInt(2));
      long endOffset = model.endOffset(new PartitionId(id, partition));
      return switch (random.nextInt(15)) {
        case 0, 1, 2 -> new DataCommand.CreatePartition(id, topic.name(), partition, config());
        case 3 -> new DataCommand.AlterPartition(id, partition, config());
        case 4 -> new DataCommand.TrimFront(id, partition, random.nextLong(endOffset + 3));
        case 5 -> {
          int old = current.indexOf(topic);
          if (random.nextBoolean()) {
            current.set(old, new Topic(new UUID(0, count++), topic.name()));
          }
          yield new DataCommand.DropPartition(id, partition);
        }
        case 6, 7, 8 -> compact(id, partition, replica.partitions());
        case 9 ->
            random.nextInt(10) > 0
                ? new DataCommand.Append(id, partition, batch(), Optional.empty())
                : forgetting();
        case 10, 11 ->
            new DataCommand.Append(
                id, partition, batch(), Optional.of(claim(model, new PartitionId(id, partition))));
        default -> new DataCommand.Append(id, partition, batch(), Optional.empty());
      };
    }

    private DataCommand forgetting() {
      return random.nextBoolean()
          ? new DataCommand.ExpireProducers(List.of(random.nextLong(1, producers)))
          : new DataCommand.ShortenProducers(Long.MAX_VALUE, random.nextInt(3));
    }

    /** A new sequence, its repetition, its continuation, or nonsense. New producers come. */
    private ProducerClaim claim(StoreModel model, PartitionId id) {
      if (random.nextInt(20) == 0) {
        producers++;
      }
      long producer = random.nextLong(Math.max(1, producers - 3), producers);
      long sequence = random.nextLong(6);
      Optional<SequenceProgress> progress = model.progress(id, producer, sequence);
      Mark before =
          progress.isPresent() && random.nextBoolean() ? progress.get().mark() : Mark.START;
      Mark after = new Mark(before.line() + 1 + random.nextInt(2), random.nextInt(3));
      return new ProducerClaim(
          ProducerKey.ofHttp(producer), sequence, before, after, random.nextLong(1000));
    }

    /** Some closed segments of any partition, as they are now; nonsense if there are none. */
    private DataCommand compact(UUID aTopic, int any, Collection<PartitionReplica> replicas) {
      UUID id = aTopic;
      int partition = any;
      long from = 0;
      long to = 5;
      List<PartitionReplica> candidates = new ArrayList<>(replicas);
      candidates.removeIf(replica -> replica.segments().size() < 2);
      if (!candidates.isEmpty()) {
        PartitionReplica replica = candidates.get(random.nextInt(candidates.size()));
        id = replica.topicId();
        partition = replica.partition();
        List<SegmentSummary> segments = replica.segments();
        int first = random.nextInt(segments.size() - 1);
        from = segments.get(first).baseOffset();
        to = segments.get(first + 1 + random.nextInt(segments.size() - 1 - first)).baseOffset();
      }
      KeptOffsets.Builder kept = new KeptOffsets.Builder(from);
      for (long offset = from; offset < to; offset++) {
        if (StoreModel.keeps(offset)) {
          kept.keep(offset);
        } else {
          kept.remove(offset);
        }
      }
      Compression compression = random.nextBoolean() ? Compression.LZ4 : Compression.NONE;
      return new DataCommand.Compact(
          id, partition, new Compaction(from, to, compression, kept.build()));
    }

    private PartitionConfig config() {
      return new PartitionConfig(200 + random.nextInt(800), 1500, -1, -1, random.nextBoolean());
    }

    private ByteBuffer batch() {
      RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE);
      for (int i = random.nextInt(5); i >= 0; i--) {
        String value = "v" + count++;
        builder.append(
            count, null, ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)), List.of());
      }
      return builder.build();
    }
  }
}

package io.ottla.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.broker.PowerHistory.Event;
import io.ottla.broker.PowerHistory.Promised;
import io.ottla.broker.PowerHistory.Vote;
import io.ottla.broker.PowerLife.Shape;
import io.ottla.broker.store.PartitionDirectories;
import io.ottla.broker.store.PartitionListener;
import io.ottla.broker.store.PartitionRead;
import io.ottla.broker.store.PartitionReader;
import io.ottla.broker.store.PartitionStore;
import io.ottla.disk.Disk;
import io.ottla.log.OpenFiles;
import io.ottla.log.RecordBatch;
import io.ottla.log.RecordBatches;
import io.ottla.log.StoredRecord;
import io.ottla.metadata.Topic;
import io.ottla.replication.Entry;
import io.ottla.replication.StartedReplicas;
import io.ottla.replication.StartedReplicas.Started;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Judges what a power cut left of three brokers, without a cluster: their own start decides what
 * each replica has, and whoever could be elected must have all that was acked. For one thread.
 */
final class PowerJudge {
  private final Path cluster;
  private final Shape shape;

  PowerJudge(Path root, Shape shape) {
    this.cluster = root.resolve(PowerLife.CLUSTER);
    this.shape = shape;
  }

  /** Fails if a promise is broken. Changes the disk, as a start does. */
  void judge(Disk disk, Promised promised, String as) throws IOException {
    List<Started> all =
        new StartedReplicas(disk, shape.clusterId(), shape.groups(), this::broker)
            .start(List.of(1, 2, 3));
    for (Started replica : all) {
      judgeReplica(replica, promised, as);
    }
    for (var group : shape.groups()) {
      List<Started> whole = new ArrayList<>(all);
      whole.removeIf(r -> r.spec().number() != group.number() || r.loss().isPresent());
      assertThat(whole.size()).as("%s: whole replicas of %s", as, group).isGreaterThan(1);
      // A majority elects whoever has no less than one of the others.
      whole.sort(
          Comparator.comparingLong(Started::endTerm)
              .thenComparingLong(Started::endIndex)
              .reversed());
      assertSameEntries(whole, as);
      if (group.number() > 0) {
        for (int i = 0; i < whole.size(); i++) {
          judgeState(disk, whole.get(i), i < whole.size() - 1, promised, as);
        }
      }
    }
  }

  private Path broker(int id) {
    return cluster.resolve("broker-" + id);
  }

  private Path journal(Started replica) {
    return broker(replica.broker())
        .resolve("raft")
        .resolve(replica.spec().id().toString())
        .resolve("current");
  }

  private void judgeReplica(Started replica, Promised promised, String as) {
    Path journal = journal(replica);
    String what = "%s: broker %d group %d".formatted(as, replica.broker(), replica.spec().number());
    if (promised.mayBeLost().contains(journal)) {
      return;
    }
    assertThat(replica.loss()).as(what).isEmpty();
    assertThat(replica.endIndex())
        .as("%s: end of what counted as forced", what)
        .isGreaterThanOrEqualTo(promised.forced().getOrDefault(journal, -1L));
    Vote vote =
        promised
            .votes()
            .get(
                PowerHistory.voter(
                    replica.spec().id().toString(), shape.clusterId() + "-" + replica.broker()));
    if (vote != null) {
      assertThat(replica.term())
          .as("%s: term of its vote %s", what, vote)
          .isGreaterThanOrEqualTo(vote.term());
      if (replica.term() == vote.term()) {
        assertThat(replica.votedFor()).as("%s: its vote", what).isEqualTo(vote.candidate());
      }
    }
  }

  /** An index and a term make one entry, wherever it is. */
  private static void assertSameEntries(List<Started> replicas, String as) {
    Map<String, ByteBuffer> seen = new HashMap<>();
    for (Started replica : replicas) {
      for (Entry entry : replica.entries()) {
        ByteBuffer before = seen.putIfAbsent(entry.term() + "/" + entry.index(), entry.payload());
        assertThat(before == null || before.equals(entry.payload()))
            .as("%s: entry %s of group %d differs", as, entry, replica.spec().number())
            .isTrue();
      }
    }
  }

  /** Replays all that the replica has, as if it were elected and committed it. */
  private void judgeState(
      Disk disk, Started replica, boolean electable, Promised promised, String as)
      throws IOException {
    String what = "%s: broker %d group %d".formatted(as, replica.broker(), replica.spec().number());
    var store =
        new PartitionStore(
            replica.spec().number(),
            disk,
            PartitionDirectories.open(disk, broker(replica.broker())),
            new OpenFiles(50),
            PartitionListener.NONE);
    try {
      store.restore(replica.checkpoint());
      for (Entry entry : replica.entries()) {
        store.apply(entry);
      }
      if (electable) {
        assertHas(store.reader(), replica.spec().number(), promised.events(), what);
      }
    } catch (IOException | RuntimeException e) {
      throw new AssertionError(what, e);
    } finally {
      store.close();
    }
  }

  private void assertHas(PartitionReader reader, int group, List<Event> acked, String what)
      throws IOException {
    for (Topic topic : shape.topics()) {
      for (int partition = 0; partition < topic.partitions(); partition++) {
        if (topic.groupOfPartition().get(partition) == group) {
          int number = partition;
          List<Event> wanted = new ArrayList<>(acked);
          wanted.removeIf(e -> !e.topic().equals(topic.name()) || e.partition() != number);
          assertHas(reader, topic, partition, wanted, what);
        }
      }
    }
  }

  /** Fails if a reader lacks one of these acked events, or has another in its place. */
  static void assertHas(
      PartitionReader reader, Topic topic, int partition, List<Event> wanted, String what)
      throws IOException {
    Map<Long, StoredRecord> read = readAll(reader, topic, partition, wanted.isEmpty());
    long startOffset =
        reader.range(topic.id(), partition).map(PartitionReader.Range::startOffset).orElse(0L);
    Map<String, Long> newest = new HashMap<>();
    read.forEach((offset, found) -> newest.put(text(found.key()), offset));
    for (Event event : wanted) {
      StoredRecord found = read.get(event.offset());
      boolean mayBeGone =
          switch (topic.name()) {
            case PowerLife.SHORT -> event.offset() < startOffset;
            case PowerLife.TABLE -> newest.getOrDefault(event.key(), -1L) > event.offset();
            default -> false;
          };
      if (found != null) {
        assertThat(text(found.value())).as("%s: %s", what, event).isEqualTo(event.value());
      } else if (!mayBeGone) {
        throw new AssertionError(what + " lacks " + event + ", has offsets " + read.keySet());
      }
    }
  }

  private static Map<Long, StoredRecord> readAll(
      PartitionReader reader, Topic topic, int partition, boolean mayBeMissing) throws IOException {
    Map<Long, StoredRecord> all = new TreeMap<>();
    Optional<PartitionReader.Range> range = reader.range(topic.id(), partition);
    if (range.isEmpty() && mayBeMissing) {
      return all;
    }
    long offset = range.map(PartitionReader.Range::startOffset).orElse(0L);
    while (true) {
      if (!(reader.read(topic.id(), partition, offset, 1 << 20)
          instanceof PartitionRead.Batches found)) {
        throw new IOException("cannot be read: " + topic.name() + "-" + partition + "@" + offset);
      }
      if (!found.bytes().hasRemaining()) {
        return all;
      }
      for (RecordBatch batch : RecordBatches.in(found.bytes())) {
        for (StoredRecord each : batch.records()) {
          all.put(each.offset(), each);
        }
        offset = batch.nextOffset();
      }
    }
  }

  private static String text(ByteBuffer bytes) {
    return bytes == null ? null : StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }
}

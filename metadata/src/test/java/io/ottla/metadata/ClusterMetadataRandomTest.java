package io.ottla.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.replication.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Random commands, against a model that is as simple as can be: mutable maps and plain loops. A
 * failure names its seed; {@code -Dseed=…} plays it again.
 */
class ClusterMetadataRandomTest {
  private static final List<String> NAMES = List.of("a", "b", "c", "d", "e");

  @Test
  void viewIsWhatASimpleModelSays() throws IOException {
    Long replayedSeed = Long.getLong("seed");
    if (replayedSeed != null) {
      new Run(replayedSeed).go();
      return;
    }
    for (int run = 0; run < 60; run++) {
      new Run(System.nanoTime()).go();
    }
  }

  /** One sequence of commands and its model. */
  private static final class Run {
    private final long seed;
    private final Random random;
    private final ClusterIdentity identity;
    private boolean initialized;
    private long consumers;
    private long producers;
    private int cursor;
    private final Map<String, UUID> ids = new TreeMap<>();
    private final Map<String, List<Integer>> groups = new HashMap<>();
    private final Map<String, TopicConfig> configs = new HashMap<>();
    private final Map<String, Long> createdAt = new HashMap<>();
    private final Map<Long, String> groupOfConsumer = new TreeMap<>();
    private final Map<Long, String> nameOfProducer = new TreeMap<>();

    Run(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      this.identity = Fixtures.identity(random.nextInt(3), 1 + random.nextInt(9));
    }

    void go() throws IOException {
      ClusterMetadata straight = new ClusterMetadata(view -> {});
      straight.restore(Optional.empty());
      ClusterMetadata restarted = new ClusterMetadata(view -> {});
      restarted.restore(Optional.empty());
      long index = 0;
      for (int step = 0; step < 150; step++) {
        index += 1 + random.nextInt(3);
        MetadataCommand command = randomCommand();
        MetadataResult expected = model(command, 5000 + index);

        ByteBuffer payload = MetadataCodec.encode(command);
        Entry entry = new Entry(index, 1, 5000 + index, payload);
        ByteBuffer result = straight.apply(entry);
        ByteBuffer otherResult = restarted.apply(entry);

        String where = "seed " + seed + " step " + step + " " + command;
        assertThat(MetadataCodec.decodeResult(result)).as(where).isEqualTo(expected);
        assertThat(otherResult).as(where).isEqualTo(result);
        check(straight.view(), index, where);
        assertThat(restarted.view()).as(where).isEqualTo(straight.view());
        if (random.nextInt(10) == 0) {
          byte[] checkpoint = straight.capture().state();
          assertThat(restarted.capture().state()).as(where).isEqualTo(checkpoint);
          restarted = new ClusterMetadata(view -> {});
          restarted.restore(Optional.of(checkpoint));
          assertThat(restarted.view()).as(where).isEqualTo(straight.view());
        }
      }
    }

    private MetadataCommand randomCommand() {
      String name = NAMES.get(random.nextInt(NAMES.size()));
      UUID known = ids.getOrDefault(name, new UUID(0, 0));
      int partitions = 1 + random.nextInt(12);
      return switch (random.nextInt(10)) {
        case 0 -> new MetadataCommand.InitializeCluster(identity);
        case 1, 2 -> new MetadataCommand.CreateTopic(freshId(), name, partitions, randomConfig());
        case 3 -> new MetadataCommand.CreateTopic(known, name, partitions, randomConfig());
        case 4 -> new MetadataCommand.AlterTopic(known, randomConfig(), partitions);
        case 5 -> new MetadataCommand.DeleteTopic(known);
        case 6 ->
            new MetadataCommand.RegisterConsumer(
                random.nextBoolean() ? Optional.empty() : Optional.of("g-" + name));
        case 7 -> new MetadataCommand.ForgetConsumer(identity.idOf(1 + random.nextInt(30)));
        case 8 ->
            new MetadataCommand.ExpireProducers(
                List.of(identity.idOf(1 + random.nextInt(30)), identity.idOf(random.nextInt(30))));
        default -> new MetadataCommand.RegisterProducer("p-" + name);
      };
    }

    private UUID freshId() {
      return new UUID(random.nextLong(), 7);
    }

    private TopicConfig randomConfig() {
      return new TopicConfig(
          random.nextBoolean() ? -1 : random.nextInt(10_000) / 7.0,
          random.nextInt(100) - 1,
          1024 + random.nextInt(100),
          random.nextBoolean() ? "lz4" : "none",
          random.nextBoolean() ? "delete" : "compact",
          1 + random.nextInt(100));
    }

    private MetadataResult model(MetadataCommand command, long nowMs) {
      if (command instanceof MetadataCommand.InitializeCluster) {
        initialized = true;
        return new MetadataResult.Initialized(identity);
      }
      if (!initialized) {
        return new MetadataResult.NotInitialized();
      }
      return switch (command) {
        case MetadataCommand.InitializeCluster unreachable -> throw new AssertionError(unreachable);
        case MetadataCommand.CreateTopic create -> create(create, nowMs);
        case MetadataCommand.AlterTopic alter -> alter(alter);
        case MetadataCommand.DeleteTopic delete -> delete(delete);
        case MetadataCommand.RegisterConsumer register -> {
          long id = identity.number() * 4294967296L + ++consumers;
          groupOfConsumer.put(id, register.group().orElse("consumer-" + id));
          yield new MetadataResult.ConsumerRegistered(
              new Consumer(id, groupOfConsumer.get(id), nowMs));
        }
        case MetadataCommand.ForgetConsumer forget -> {
          groupOfConsumer.remove(forget.id());
          yield new MetadataResult.ConsumerForgotten();
        }
        case MetadataCommand.ExpireProducers expire -> {
          nameOfProducer.keySet().removeAll(expire.ids());
          yield new MetadataResult.ProducersExpired();
        }
        case MetadataCommand.RegisterProducer register -> {
          long id = identity.number() * 4294967296L + ++producers;
          nameOfProducer.put(id, register.name());
          yield new MetadataResult.ProducerRegistered(new Producer(id, register.name(), nowMs));
        }
      };
    }

    private MetadataResult create(MetadataCommand.CreateTopic command, long nowMs) {
      String name = command.name();
      if (ids.containsKey(name)) {
        return ids.get(name).equals(command.id())
            ? new MetadataResult.TopicCreated(topic(name))
            : new MetadataResult.TopicExists(topic(name));
      }
      for (Map.Entry<String, UUID> other : ids.entrySet()) {
        if (other.getValue().equals(command.id())) {
          return new MetadataResult.TopicExists(topic(other.getKey()));
        }
      }
      ids.put(name, command.id());
      configs.put(name, command.config());
      createdAt.put(name, nowMs);
      groups.put(name, new ArrayList<>());
      grow(name, command.partitions());
      return new MetadataResult.TopicCreated(topic(name));
    }

    private MetadataResult alter(MetadataCommand.AlterTopic command) {
      String name = nameOf(command.id());
      if (name == null) {
        return new MetadataResult.TopicUnknown();
      }
      if (command.partitions() < groups.get(name).size()) {
        return new MetadataResult.PartitionsShrink(groups.get(name).size());
      }
      configs.put(name, command.config());
      grow(name, command.partitions());
      return new MetadataResult.TopicAltered(topic(name));
    }

    private MetadataResult delete(MetadataCommand.DeleteTopic command) {
      String name = nameOf(command.id());
      if (name == null) {
        return new MetadataResult.TopicUnknown();
      }
      Topic topic = topic(name);
      ids.remove(name);
      return new MetadataResult.TopicDeleted(topic);
    }

    private void grow(String name, int partitions) {
      int brokers = identity.brokers().size();
      while (groups.get(name).size() < partitions) {
        groups.get(name).add(cursor + 1);
        cursor = (cursor + 1) % brokers;
      }
    }

    private String nameOf(UUID id) {
      return ids.entrySet().stream()
          .filter(entry -> entry.getValue().equals(id))
          .map(Map.Entry::getKey)
          .findFirst()
          .orElse(null);
    }

    private Topic topic(String name) {
      return new Topic(
          ids.get(name), name, groups.get(name), configs.get(name), createdAt.get(name));
    }

    private void check(ClusterView view, long index, String where) {
      assertThat(view.appliedIndex()).as(where).isEqualTo(index);
      assertThat(view.identity().isPresent()).as(where).isEqualTo(initialized);
      List<Topic> users = view.topics().stream().filter(topic -> !topic.internal()).toList();
      assertThat(users).as(where).isEqualTo(ids.keySet().stream().map(this::topic).toList());
      for (Topic topic : users) {
        assertThat(view.topic(topic.name())).as(where).contains(topic);
        assertThat(view.topic(topic.id())).as(where).contains(topic);
        long[] load = new long[identity.brokers().size()];
        topic.groupOfPartition().forEach(group -> load[group - 1]++);
        assertThat(Arrays.stream(load).sum()).as(where).isEqualTo(topic.partitions());
      }
      Map<Long, String> seenConsumers = new TreeMap<>();
      view.consumers().forEach(consumer -> seenConsumers.put(consumer.id(), consumer.group()));
      assertThat(seenConsumers).as(where).isEqualTo(groupOfConsumer);
      Map<Long, String> seenProducers = new TreeMap<>();
      view.producers().forEach(producer -> seenProducers.put(producer.id(), producer.name()));
      assertThat(seenProducers).as(where).isEqualTo(nameOfProducer);
      for (long id = identity.idOf(0); id <= identity.idOf(producers + 2); id++) {
        boolean registered = id > identity.idOf(0) && id <= identity.idOf(producers);
        assertThat(view.hasRegisteredProducer(id)).as(where).isEqualTo(registered && initialized);
      }
    }
  }
}

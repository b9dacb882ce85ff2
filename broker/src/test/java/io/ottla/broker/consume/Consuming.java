package io.ottla.broker.consume;

import static io.ottla.broker.TestDeployment.value;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.ottla.broker.Answer;
import io.ottla.broker.TestDeployment;
import io.ottla.broker.TestTime;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.consume.PollRequest.AutoCommit;
import io.ottla.broker.produce.ProduceEvents;
import io.ottla.broker.produce.ProduceRequest;
import io.ottla.broker.read.BatchReader;
import io.ottla.broker.time.GuardedClock;
import io.ottla.log.StoredRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** The use cases of consuming over a deployment of a test's, with a clock that the test moves. */
final class Consuming implements AutoCloseable {
  static final FetchRequest.Limits LIMITS = limits(500, Duration.ZERO);

  final TestDeployment deployment;
  final AtomicLong nowMs = new AtomicLong(System.currentTimeMillis());
  final GroupCoordinators coordinators;
  final PollEvents polls;
  final StreamEvents streams;
  final CommitOffsets commits;
  final DescribeOffsets offsets;
  final FetchEvents fetches;
  final CreateConsumer creates;
  final DescribeConsumer consumers;
  final DeleteConsumer deletes;
  final HeartbeatConsumer heartbeats;
  final SeekConsumer seeks;
  final DescribeGroups groups;
  final DeleteGroup groupDeletes;
  private final TopicDirectory directory;

  private Consuming(TestDeployment deployment, TopicDirectory directory) {
    this.deployment = deployment;
    this.directory = directory;
    GuardedClock clock = GuardedClock.start(new TestTime(nowMs::get), Optional.empty());
    coordinators = GroupCoordinators.start(directory, _ -> clock);
    BatchReader batches = new BatchReader();
    polls = new PollEvents(directory, coordinators, batches);
    streams = new StreamEvents(directory, coordinators, batches);
    commits = new CommitOffsets(directory, coordinators);
    offsets = new DescribeOffsets(directory, coordinators);
    fetches = new FetchEvents(directory, batches);
    creates = new CreateConsumer(directory, coordinators);
    consumers = new DescribeConsumer(directory, coordinators);
    deletes = new DeleteConsumer(directory, coordinators);
    heartbeats = new HeartbeatConsumer(directory, coordinators);
    seeks = new SeekConsumer(directory, coordinators);
    groups = new DescribeGroups(directory, coordinators);
    groupDeletes = new DeleteGroup(directory, coordinators);
  }

  static Consuming open(Path data) throws IOException {
    return over(TestDeployment.open(data));
  }

  static Consuming over(TestDeployment deployment) {
    return new Consuming(deployment, deployment.deployment());
  }

  static Consuming over(TestDeployment deployment, TopicDirectory directory) {
    return new Consuming(deployment, directory);
  }

  static FetchRequest.Limits limits(int maxEvents, Duration maxWait) {
    return new FetchRequest.Limits(maxEvents, 1 << 20, maxWait);
  }

  /** Publishes one event per value, all to the partition. */
  void publish(String topic, int partition, String... values) {
    List<ProduceRequest.Event> events = new ArrayList<>();
    for (String text : values) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
      events.add(
          new ProduceRequest.Event(
              partition, null, bytes, List.of(), ProduceRequest.Event.NO_TIMESTAMP));
    }
    value(
        new ProduceEvents(directory, InstantSource.system())
            .produce(
                new ProduceRequest(
                    Optional.empty(), topic, events, Duration.ofSeconds(20), Optional.empty())));
  }

  /** A poll's parameters, one by one. */
  record Poll(
      Optional<String> topic,
      Optional<Long> consumerId,
      Optional<String> group,
      Optional<String> cursor,
      Optional<Boolean> autoCommit,
      FetchRequest.Limits limits,
      StartFrom from) {
    static Poll subscribe(String topic) {
      return new Poll(
          Optional.of(topic),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          LIMITS,
          new StartFrom.Earliest());
    }

    static Poll as(long consumerId) {
      return new Poll(
          Optional.empty(),
          Optional.of(consumerId),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          LIMITS,
          new StartFrom.Earliest());
    }

    Poll group(String name) {
      return new Poll(topic, consumerId, Optional.of(name), cursor, autoCommit, limits, from);
    }

    Poll after(String text) {
      return new Poll(topic, consumerId, group, Optional.of(text), autoCommit, limits, from);
    }

    Poll manual() {
      return new Poll(topic, consumerId, group, cursor, Optional.of(false), limits, from);
    }

    Poll within(int maxEvents, Duration maxWait) {
      return new Poll(
          topic, consumerId, group, cursor, autoCommit, Consuming.limits(maxEvents, maxWait), from);
    }

    Poll from(StartFrom start) {
      return new Poll(topic, consumerId, group, cursor, autoCommit, limits, start);
    }
  }

  Answer<PollResult> tryPoll(Poll poll) {
    return polls.poll(request(poll));
  }

  static PollRequest request(Poll poll) {
    return new PollRequest(
        Optional.empty(),
        poll.topic(),
        poll.consumerId(),
        poll.group(),
        poll.from(),
        poll.cursor(),
        new AutoCommit(poll.autoCommit(), Duration.ofSeconds(1)),
        PollEvents.DEFAULT_SESSION_TIMEOUT,
        poll.limits());
  }

  PollResult poll(Poll poll) {
    return value(tryPoll(poll));
  }

  /** Makes a consumer of one topic, from its first event. */
  Answer<ConsumerMembership> tryCreate(Optional<String> group, String topic) {
    var settings = new ConsumerSettings(List.of(topic), new StartFrom.Earliest(), 45_000, false);
    return creates.create(new CreateConsumer.Request(Optional.empty(), group, settings));
  }

  Answer<CommitResult> tryCommit(long consumerId) {
    return commits.commit(new CommitRequest.Position(consumerId));
  }

  /** The committed offset of a partition, -1 without one. */
  long committed(long consumerId, int partition) {
    return value(offsets.describe(new OffsetsRequest.OfConsumer(consumerId))).partitions().stream()
        .filter(progress -> progress.partition() == partition)
        .findFirst()
        .orElseThrow()
        .committed()
        .orElse(-1);
  }

  /** Runs it on a thread of its own. */
  static <T> CompletableFuture<T> meanwhile(Supplier<T> use) {
    return CompletableFuture.supplyAsync(use, Thread::startVirtualThread);
  }

  static List<String> texts(PollResult result) {
    return result.records().stream()
        .flatMap(r -> r.records().stream())
        .map(Consuming::text)
        .toList();
  }

  static String text(StoredRecord record) {
    return UTF_8.decode(record.value().duplicate()).toString();
  }

  @Override
  public void close() throws IOException {
    coordinators.close();
    deployment.close();
  }
}

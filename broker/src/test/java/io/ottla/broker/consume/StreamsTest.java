package io.ottla.broker.consume;

import static io.ottla.broker.TestDeployment.awaitLeader;
import static io.ottla.broker.TestDeployment.refusal;
import static io.ottla.broker.TestDeployment.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ottla.broker.Answer;
import io.ottla.broker.ControlBroker;
import io.ottla.broker.DeleteTopic;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.consume.CommitRequest.PartitionOffset;
import io.ottla.broker.consume.Consuming.Poll;
import io.ottla.broker.consume.EventStream.Part;
import io.ottla.broker.consume.PollRequest.AutoCommit;
import io.ottla.broker.store.DataCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Streams: consumers that poll by themselves, and partitions that are read on. */
@Timeout(60)
class StreamsTest {
  private static final Duration SOON = Duration.ofMillis(20);
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir static Path data;

  private static Consuming it;
  private static int topics;
  private String topic;

  @BeforeAll
  static void open() throws IOException {
    it = Consuming.open(data.resolve("shared"));
    it.deployment.createCluster("c1", 1);
  }

  @AfterAll
  static void close() throws IOException {
    it.close();
  }

  @BeforeEach
  void createTopic() {
    topic = "t" + topics++;
    it.deployment.createTopic(topic, 1);
  }

  private static PollRequest request(Poll poll, boolean commits) {
    return request(poll, commits, SOON);
  }

  private static PollRequest request(Poll poll, boolean commits, Duration interval) {
    PollRequest asked = Consuming.request(poll);
    return new PollRequest(
        asked.cluster(),
        asked.topic(),
        asked.consumerId(),
        asked.group(),
        asked.from(),
        asked.cursor(),
        new AutoCommit(Optional.of(commits), interval),
        asked.sessionTimeout(),
        asked.limits());
  }

  private static List<String> texts(Part part) {
    return part.records().stream()
        .flatMap(records -> records.records().stream())
        .map(Consuming::text)
        .toList();
  }

  /** So many events, however many parts they come in. */
  private static List<String> read(EventStream stream, int count) throws InterruptedException {
    List<String> texts = new ArrayList<>();
    while (texts.size() < count) {
      texts.addAll(texts(value(stream.next(LONG))));
    }
    return texts;
  }

  @Test
  void goesOnWhereItWasWhenTheCoordinatorsBrokerCrashes() throws Exception {
    try (Consuming own = Consuming.open(data.resolve("own"))) {
      own.deployment.createCluster("c1", 3);
      own.deployment.createTopic("t", 3);
      own.publish("t", 0, "a0");
      own.publish("t", 1, "a1");
      PollRequest subscribe = request(Poll.subscribe("t"), false);
      try (EventStream stream = value(own.streams.open(subscribe))) {
        assertThat(read(stream, 2)).containsExactlyInAnyOrder("a0", "a1");
        long id = stream.consumerId().orElseThrow();
        ServingCluster cluster = own.deployment.deployment().clusters().getFirst();
        int number = GroupCoordinators.dataGroupOf("consumer-" + id, 3);
        int leader = awaitLeader(cluster.dataGroup(number));

        value(
            new ControlBroker(own.deployment.deployment())
                .stop("c1", leader, ControlBroker.StopMode.CRASH));
        own.publish("t", 0, "b0");
        own.publish("t", 1, "b1");
        own.publish("t", 2, "b2");

        assertThat(read(stream, 3)).containsExactlyInAnyOrder("b0", "b1", "b2");
        assertThat(texts(value(stream.next(SOON)))).isEmpty();
      }
    }
  }

  @Test
  void commitsWhatWasPassedOnAndNothingElse() throws Exception {
    it.publish(topic, 0, "a", "b");
    try (EventStream stream = value(it.streams.open(request(Poll.subscribe(topic), true)))) {
      assertThat(read(stream, 2)).hasSize(2);
      long id = stream.consumerId().orElseThrow();
      assertThat(it.committed(id, 0)).isEqualTo(-1);

      await()
          .until(
              () -> {
                value(stream.next(SOON));
                return it.committed(id, 0) == 2;
              });
      it.publish(topic, 0, "c");
      assertThat(read(stream, 1)).containsExactly("c");
      assertThat(it.committed(id, 0)).isEqualTo(2);
    }
  }

  @Test
  void commitsNothingBeforeItsFirstEvent() throws Exception {
    try (EventStream stream = value(it.streams.open(request(Poll.subscribe(topic), true)))) {
      long id = stream.consumerId().orElseThrow();
      for (int i = 0; i < 10; i++) {
        assertThat(value(stream.next(SOON)).isEmpty()).isTrue();
      }

      assertThat(it.committed(id, 0)).isEqualTo(-1);
    }
  }

  @Test
  void commitsNothingWithoutAutoCommitUntilItIsTold() throws Exception {
    it.publish(topic, 0, "a", "b");
    try (EventStream stream = value(it.streams.open(request(Poll.subscribe(topic), false)))) {
      read(stream, 2);
      long id = stream.consumerId().orElseThrow();
      for (int i = 0; i < 5; i++) {
        value(stream.next(SOON));
      }
      assertThat(it.committed(id, 0)).isEqualTo(-1);

      value(it.tryCommit(id));

      assertThat(it.committed(id, 0)).isEqualTo(2);
    }
  }

  @Test
  void letsGoOfWhatIsToMoveAtOnceIfItCommitsNothing() throws Exception {
    Poll member = Poll.subscribe(twoPartitions()).group("letting-go");
    try (EventStream one = value(it.streams.open(request(member, false)))) {
      value(one.next(Duration.ZERO));
      var reading = Consuming.meanwhile(() -> readUntilEnd(one));
      try (EventStream other = value(it.streams.open(request(member, false)))) {
        var taken = Consuming.meanwhile(() -> next(other));
        it.publish(member.topic().orElseThrow(), 0, "a");
        it.publish(member.topic().orElseThrow(), 1, "b");

        assertThat(taken).succeedsWithin(Duration.ofSeconds(8));
      }
      one.end();
      assertThat(reading).succeedsWithin(LONG);
    }
  }

  /** Nobody knows yet whether the reader had them: rather twice than never. */
  @Test
  void lettingGoCommitsNothingThatWasSentJustNow() throws Exception {
    Poll member = Poll.subscribe(twoPartitions()).group("sent-just-now");
    it.publish(member.topic().orElseThrow(), 0, "a");
    it.publish(member.topic().orElseThrow(), 1, "b");
    try (EventStream one = value(it.streams.open(request(member, true, Duration.ofMinutes(10))))) {
      assertThat(read(one, 2)).containsExactlyInAnyOrder("a", "b");
      var reading = Consuming.meanwhile(() -> readUntilEnd(one));
      try (EventStream other = value(it.streams.open(request(member, true)))) {
        assertThat(read(other, 1)).isSubsetOf("a", "b");
      }
      one.end();
      assertThat(reading).succeedsWithin(LONG);
    }
  }

  @Test
  void lettingGoCommitsWhatWasSentAnIntervalAgo() throws Exception {
    Poll member = Poll.subscribe(twoPartitions()).group("sent-before");
    it.publish(member.topic().orElseThrow(), 0, "a");
    it.publish(member.topic().orElseThrow(), 1, "b");
    try (EventStream one = value(it.streams.open(request(member, true)));
        EventStream other = value(it.streams.open(request(member, true)))) {
      var reading = Consuming.meanwhile(() -> readUntilEnd(one));
      var taken = Consuming.meanwhile(() -> next(other));
      it.publish(member.topic().orElseThrow(), 0, "c");
      it.publish(member.topic().orElseThrow(), 1, "d");

      List<String> seen = new ArrayList<>(texts(value(taken.join())));
      one.end();
      seen.addAll(reading.join());

      assertThat(seen).doesNotHaveDuplicates().contains("a", "b");
    }
  }

  private static List<String> readUntilEnd(EventStream stream) {
    List<String> texts = new ArrayList<>();
    for (Part part = value(next(stream)); !part.isEmpty(); part = value(next(stream))) {
      texts.addAll(texts(part));
    }
    return texts;
  }

  private String twoPartitions() {
    String name = topic + "-two";
    it.deployment.createTopic(name, 2);
    return name;
  }

  @Test
  void followsASeek() throws Exception {
    it.publish(topic, 0, "a", "b", "c");
    try (EventStream stream = value(it.streams.open(request(Poll.subscribe(topic), false)))) {
      read(stream, 3);
      long id = stream.consumerId().orElseThrow();

      var target = new PartitionOffset(Optional.of(topic), 0, 1, Optional.empty());
      value(it.seeks.seek(new SeekRequest.Offsets(id, List.of(target))));

      assertThat(read(stream, 2)).containsExactly("b", "c");
    }
  }

  @Test
  void endsWhenItsConsumerPollsElsewhereOrIsDeleted() throws Exception {
    try (EventStream stream = value(it.streams.open(request(Poll.subscribe(topic), true)))) {
      long id = stream.consumerId().orElseThrow();
      var waiting = Consuming.meanwhile(() -> next(stream));
      it.poll(Poll.as(id));
      assertThat(refusal(waiting.join()).code()).isEqualTo(RefusalCode.POLL_SUPERSEDED);
    }
    try (EventStream stream = value(it.streams.open(request(Poll.subscribe(topic), true)))) {
      var waiting = Consuming.meanwhile(() -> next(stream));
      value(it.deletes.delete(stream.consumerId().orElseThrow()));
      assertThat(refusal(waiting.join()).code()).isEqualTo(RefusalCode.CONSUMER_NOT_FOUND);
    }
  }

  private static Answer<Part> next(EventStream stream) {
    try {
      return stream.next(LONG);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void stopsWaitingWhenNobodyReadsAnyMore() throws Exception {
    try (EventStream stream = value(it.streams.open(request(Poll.subscribe(topic), true)));
        EventStream partition = value(it.streams.open(partition(Optional.of(0L))))) {
      var waiting = Consuming.meanwhile(() -> next(stream));
      var waitingToo = Consuming.meanwhile(() -> next(partition));

      stream.end();
      partition.end();

      assertThat(value(waiting.join()).isEmpty()).isTrue();
      assertThat(value(waitingToo.join()).isEmpty()).isTrue();
    }
  }

  private FetchRequest partition(Optional<Long> offset) {
    return new FetchRequest(Optional.empty(), topic, 0, offset, Optional.empty(), Consuming.LIMITS);
  }

  @Test
  void aPartitionIsReadOnUntilItIsGone() throws Exception {
    it.publish(topic, 0, "a", "b");
    try (EventStream stream = value(it.streams.open(partition(Optional.of(1L))))) {
      assertThat(read(stream, 1)).containsExactly("b");
      var waiting = Consuming.meanwhile(() -> next(stream));
      it.publish(topic, 0, "c");
      assertThat(texts(value(waiting.join()))).containsExactly("c");

      new DeleteTopic(it.deployment.deployment()).delete(Optional.empty(), topic);

      assertThat(refusal(next(stream)).code()).isEqualTo(RefusalCode.TOPIC_NOT_FOUND);
    }
  }

  @Test
  void whatWasRemovedBeforeItWasReadIsSaid() throws Exception {
    it.publish(topic, 0, "a", "b", "c");
    ServingCluster cluster = it.deployment.deployment().clusters().getFirst();
    var trim = new DataCommand.TrimFront(cluster.view().topic(topic).orElseThrow().id(), 0, 2);
    try (EventStream partition = value(it.streams.open(partition(Optional.of(0L))));
        EventStream stream = value(it.streams.open(request(Poll.subscribe(topic), true)))) {
      cluster.dataGroup(1).accumulator().submit(List.of(trim)).join();

      assertThat(refusal(next(partition)).code()).isEqualTo(RefusalCode.OFFSET_OUT_OF_RANGE);
      Part part = value(next(stream));
      assertThat(texts(part)).containsExactly("c");
      assertThat(part.skipped())
          .containsExactly(new PollResult.Skipped(new PollResult.TopicPartition(topic, 0), 0, 2));
    }
  }

  /** Everybody who tails a partition gets the same batch, decoded once. */
  @Test
  void whoTailsAPartitionSharesItsBatches() throws Exception {
    try (EventStream one = value(it.streams.open(request(Poll.subscribe(topic), true)));
        EventStream other = value(it.streams.open(request(Poll.subscribe(topic), true)))) {
      it.publish(topic, 0, "a", "b");

      Part first = value(next(one));
      Part second = value(next(other));

      assertThat(texts(first)).containsExactly("a", "b");
      assertThat(second.records().getFirst().runs().getFirst().batch())
          .isSameAs(first.records().getFirst().runs().getFirst().batch());
    }
  }
}

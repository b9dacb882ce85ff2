package io.ottla.broker.produce;

import static io.ottla.broker.TestDeployment.refusal;
import static io.ottla.broker.TestDeployment.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.broker.PartitionWaiters.PartitionId;
import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.produce.ProduceEvents.StreamRequest;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.produce.ProduceStream.Extent;
import io.ottla.broker.produce.ProduceStream.NumberedEvent;
import io.ottla.broker.produce.ProduceStream.Progress;
import io.ottla.metadata.MetadataCommand;
import io.ottla.metadata.MetadataResult;
import io.ottla.metadata.TopicConfig;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Streams over groups that answer by themselves: mostly well, sometimes not. */
class ProduceStreamTest {
  private static final int PARTITIONS = 4;
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final ScriptedCluster cluster = new ScriptedCluster();
  private final UUID topic =
      cluster.createTopic(
          "liked", PARTITIONS, new TopicConfig(-1, -1, 1 << 20, "lz4", "delete", 1000));
  private final long producer =
      ((MetadataResult.ProducerRegistered)
              cluster.change(new MetadataCommand.RegisterProducer("web-1")))
          .producer()
          .id();
  private final ProduceEvents produce = new ProduceEvents(cluster, InstantSource.system());
  private volatile boolean faulty;
  private volatile boolean closed;
  private final List<Thread> answering =
      List.of(
          Thread.ofVirtual().start(() -> answer(cluster.first, new Random(seed + 1))),
          Thread.ofVirtual().start(() -> answer(cluster.second, new Random(seed + 2))));

  private void answer(ScriptedGroup group, Random dice) {
    try {
      while (!closed) {
        ScriptedGroup.Submitted entry = group.nextWithin(10);
        if (entry != null) {
          switch (faulty ? dice.nextInt(6) : 5) {
            case 0 -> entry.refuse();
            case 1 -> entry.loseTrack(true);
            case 2 -> entry.loseTrack(false);
            default -> entry.succeed();
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void close() throws InterruptedException {
    closed = true;
    for (Thread thread : answering) {
      thread.join();
    }
    cluster.close();
  }

  @Test
  void eventsAreAppendedInOrderAndWhatIsCommittedIsTold() {
    ProduceStream stream = open(Optional.empty());

    assertThat(stream.append(body("x", 0, 10))).isEmpty();
    assertThat(stream.append(body("x", 10, 30))).isEmpty();
    assertThat(stream.finish()).isEmpty();

    assertThat(stream.progress().count()).isEqualTo(30);
    assertThat(stream.progress()).isEqualTo(progressOf("x", 30));
    for (int partition = 0; partition < PARTITIONS; partition++) {
      assertThat(log(partition)).isEqualTo(valuesOf("x", 30, partition));
    }
  }

  @Test
  void aBodyThatIsSentAgainGoesOnWhereItStoppedWhateverThePiecesAre() {
    faulty = true;
    for (int body = 0; body < 60; body++) {
      String name = "b" + body;
      int lines = 1 + random.nextInt(200);
      Optional<ProducerSequence> sequence = Optional.of(new ProducerSequence(producer, body));
      ProduceStream last = null;
      for (boolean done = false; !done; ) {
        int cutAt = random.nextInt(3) == 0 ? random.nextInt(lines + 1) : lines;
        last = open(sequence);
        boolean sent = send(last, name, cutAt, () -> random.nextInt(20) == 0);
        done = sent && cutAt == lines && last.finish().isEmpty();
      }
      ProduceStream again = open(sequence);
      assertThat(send(again, name, lines, () -> false)).as("seed %d", seed).isTrue();
      assertThat(again.finish()).as("seed %d", seed).isEmpty();

      assertThat(last.progress()).as("seed %d", seed).isEqualTo(progressOf(name, lines));
      assertThat(again.progress()).as("seed %d", seed).isEqualTo(last.progress());
      for (int partition = 0; partition < PARTITIONS; partition++) {
        assertThat(log(partition).stream().filter(value -> value.startsWith(name + "-")))
            .as("seed %d", seed)
            .isEqualTo(valuesOf(name, lines, partition));
      }
    }
  }

  /** Sends the first lines in random pieces; others' events come in between. False: it failed. */
  private boolean send(ProduceStream stream, String name, int lines, BooleanSupplier breaksOff) {
    int from = 0;
    while (from < lines) {
      int to = Math.min(lines, from + 1 + random.nextInt(60));
      if (breaksOff.getAsBoolean() || stream.append(body(name, from, to)).isPresent()) {
        return false;
      }
      if (random.nextInt(4) == 0) {
        open(Optional.empty()).append(body("other", 0, 5));
      }
      from = to;
    }
    return true;
  }

  @Test
  void anotherBodyUnderTheSameSequenceIsRefused() {
    ProducerSequence sequence = new ProducerSequence(producer, 5);
    ProduceStream first = open(Optional.of(sequence));
    assertThat(first.append(body("x", 0, 40))).isEmpty();
    int before = total();

    List<NumberedEvent> changed = body("x", 0, 40);
    changed.set(17, new NumberedEvent(17, event("changed", 17)));
    List<NumberedEvent> without = body("x", 0, 40);
    without.remove(20);
    List<NumberedEvent> shifted = body("x", 1, 41);

    for (List<NumberedEvent> other : List.of(changed, without, shifted)) {
      Refusal refusal = open(Optional.of(sequence)).append(other).orElseThrow();
      assertThat(refusal.code()).isEqualTo(RefusalCode.SEQUENCE_REUSED);
      assertThat(refusal.attributes()).containsEntry("appended", false);
    }
    assertThat(total()).isEqualTo(before);
  }

  @Test
  void aShorterBodyUnderTheSameSequenceIsRefusedAtItsEnd() {
    ProducerSequence sequence = new ProducerSequence(producer, 5);
    assertThat(open(Optional.of(sequence)).append(body("x", 0, 40))).isEmpty();

    ProduceStream shorter = open(Optional.of(sequence));
    assertThat(shorter.append(body("x", 0, 20))).isEmpty();

    assertThat(shorter.finish().orElseThrow().code()).isEqualTo(RefusalCode.SEQUENCE_REUSED);
    assertThat(total()).isEqualTo(40);
  }

  @Test
  void aLongerBodyUnderTheSameSequenceGoesOn() {
    ProducerSequence sequence = new ProducerSequence(producer, 5);
    assertThat(open(Optional.of(sequence)).append(body("x", 0, 40))).isEmpty();

    ProduceStream longer = open(Optional.of(sequence));
    assertThat(longer.append(body("x", 0, 50))).isEmpty();
    assertThat(longer.finish()).isEmpty();

    assertThat(longer.progress()).isEqualTo(progressOf("x", 50));
  }

  @Test
  void linesWithoutAKeyGoAgainWhereTheirSequenceSays() {
    ProducerSequence sequence = new ProducerSequence(producer, 6);
    List<NumberedEvent> lines = new ArrayList<>();
    for (int line = 0; line < 10; line++) {
      lines.add(new NumberedEvent(line, keyless("x-" + line)));
    }
    ProduceStream half = open(Optional.of(sequence));
    assertThat(half.append(lines.subList(0, 5))).isEmpty();
    assertThat(open(Optional.empty()).append(List.of(new NumberedEvent(0, keyless("other")))))
        .isEmpty();

    ProduceStream whole = open(Optional.of(sequence));
    assertThat(whole.append(lines)).isEmpty();
    assertThat(whole.finish()).isEmpty();

    assertThat(whole.progress().count()).isEqualTo(10);
    assertThat(log(2)).containsExactly("x-0", "x-4", "x-8");
    assertThat(log(3)).containsExactly("x-1", "x-5", "x-9");
    assertThat(log(0)).containsExactly("x-2", "other", "x-6");
    assertThat(log(1)).containsExactly("x-3", "x-7");
  }

  private static Event keyless(String value) {
    return new Event(null, null, text(value), List.of(), Event.NO_TIMESTAMP);
  }

  @Test
  void anUnknownProducerIsRefusedBeforeTheBodyIsRead() {
    Refusal refusal =
        refusal(
            produce.open(
                new StreamRequest(
                    Optional.empty(),
                    "liked",
                    TIMEOUT,
                    Optional.of(new ProducerSequence(producer + 1, 0)))));

    assertThat(refusal.code()).isEqualTo(RefusalCode.UNKNOWN_PRODUCER);
    assertThat(refusal.attributes()).containsEntry("appended", false);
  }

  @Test
  void twoTriesAtOnceAppendEveryLineOnce() throws InterruptedException {
    faulty = true;
    ProducerSequence sequence = new ProducerSequence(producer, 9);
    List<Thread> tries = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Random pieces = new Random(seed + 10 + i);
      tries.add(Thread.ofVirtual().start(() -> untilItWorks(sequence, pieces)));
    }
    for (Thread thread : tries) {
      thread.join();
    }

    for (int partition = 0; partition < PARTITIONS; partition++) {
      assertThat(log(partition)).as("seed %d", seed).isEqualTo(valuesOf("x", 300, partition));
    }
  }

  private void untilItWorks(ProducerSequence sequence, Random pieces) {
    while (true) {
      ProduceStream stream = open(Optional.of(sequence));
      int from = 0;
      while (from < 300) {
        int to = Math.min(300, from + 1 + pieces.nextInt(30));
        if (stream.append(body("x", from, to)).isPresent()) {
          break;
        }
        from = to;
      }
      if (from == 300) {
        return;
      }
    }
  }

  @Test
  void whatATopicDoesNotTakeIsToldBeforeItIsSent() {
    ProduceStream stream = open(Optional.empty());
    byte[] large = new byte[1001];

    assertThat(stream.check(event("x", 1))).isNull();
    assertThat(stream.check(new Event(null, null, ByteBuffer.wrap(large), List.of(), 1)).code())
        .isEqualTo(RefusalCode.RECORD_TOO_LARGE);
    assertThat(stream.check(new Event(4, null, null, List.of(), 1)).code())
        .isEqualTo(RefusalCode.PARTITION_OUT_OF_RANGE);
    assertThat(
            refusal(
                    produce.open(
                        new StreamRequest(
                            Optional.empty(), "__consumer_offsets", TIMEOUT, Optional.empty())))
                .code())
        .isEqualTo(RefusalCode.INTERNAL_TOPIC);
  }

  private ProduceStream open(Optional<ProducerSequence> sequence) {
    return value(produce.open(new StreamRequest(Optional.empty(), "liked", TIMEOUT, sequence)));
  }

  private static List<NumberedEvent> body(String name, int from, int to) {
    List<NumberedEvent> events = new ArrayList<>();
    for (int line = from; line < to; line++) {
      events.add(new NumberedEvent(line, event(name, line)));
    }
    return events;
  }

  /** Line 3, 6, … have keys; the others name their partition. */
  private static Event event(String name, int line) {
    return new Event(
        line % 3 == 0 ? null : line % PARTITIONS,
        line % 3 == 0 ? text("key" + line) : null,
        text(name + "-" + line),
        List.of(),
        Event.NO_TIMESTAMP);
  }

  private static int partitionOf(int line) {
    return line % 3 == 0 ? Partitioner.ofKey(text("key" + line), PARTITIONS) : line % PARTITIONS;
  }

  private static List<String> valuesOf(String name, int lines, int partition) {
    List<String> values = new ArrayList<>();
    for (int line = 0; line < lines; line++) {
      if (partitionOf(line) == partition) {
        values.add(name + "-" + line);
      }
    }
    return values;
  }

  /** What is committed of that body, counted in the logs. */
  private Progress progressOf(String name, int lines) {
    SortedMap<Integer, Extent> extents = new TreeMap<>();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      List<String> log = log(partition);
      List<String> values = valuesOf(name, lines, partition);
      if (!values.isEmpty()) {
        extents.put(
            partition,
            new Extent(
                log.indexOf(values.getFirst()), log.indexOf(values.getLast()), values.size()));
      }
    }
    return new Progress(lines, extents);
  }

  private int total() {
    int total = 0;
    for (int partition = 0; partition < PARTITIONS; partition++) {
      total += log(partition).size();
    }
    return total;
  }

  private List<String> log(int partition) {
    ScriptedGroup group = partition % 2 == 0 ? cluster.first : cluster.second;
    return group.values.getOrDefault(new PartitionId(topic, partition), List.of());
  }

  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}

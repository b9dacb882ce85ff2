package io.ottla.broker;

import static io.ottla.broker.TestDeployment.value;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.ottla.broker.consume.ConsumerSettings;
import io.ottla.broker.consume.CreateConsumer;
import io.ottla.broker.consume.GroupCoordinators;
import io.ottla.broker.consume.StartFrom;
import io.ottla.broker.produce.ProduceEvents;
import io.ottla.broker.produce.ProduceRequest;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.produce.ProducerSequence;
import io.ottla.broker.produce.RegisterProducer;
import io.ottla.disk.SystemDisk;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Measures the heap that clients make a server hold: all of a server but its HTTP interface, three
 * brokers in this process, real files. To be run with {@code -Xmx512m}, not a test.
 *
 * <pre>{@code
 * producers DIRECTORY PRODUCERS PARTITIONS REQUESTS   each request has one event per partition
 * consumers DIRECTORY CONSUMERS                       of one topic of three partitions
 * restart   DIRECTORY                                 what was left there
 * }</pre>
 */
public final class ClientHeap {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int AT_ONCE = 16;

  private final Deployment deployment;
  private final Map<RefusalCode, AtomicInteger> refusals = new EnumMap<>(RefusalCode.class);

  private ClientHeap(Deployment deployment) {
    this.deployment = deployment;
    for (RefusalCode code : RefusalCode.values()) {
      refusals.put(code, new AtomicInteger());
    }
  }

  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[1]).toAbsolutePath();
    long startNanos = System.nanoTime();
    var config =
        new Deployment.Config(
            List.of(directory),
            "127.0.0.1",
            8080,
            new SystemDisk(),
            InstantSource.system(),
            BrokerSettings.production());
    try (TestDeployment opened = TestDeployment.open(config)) {
      opened.awaitReady();
      say("ready", startNanos);
      ClientHeap heap = new ClientHeap(opened.deployment());
      switch (arguments[0]) {
        case "producers" ->
            heap.producers(
                opened,
                Integer.parseInt(arguments[2]),
                Integer.parseInt(arguments[3]),
                Integer.parseInt(arguments[4]));
        case "consumers" -> heap.consumers(opened, Integer.parseInt(arguments[2]));
        default -> {}
      }
      say("done; refusals " + heap.refused(), startNanos);
      if (arguments.length > 5 || arguments[0].equals("restart")) {
        System.in.read();
      }
    }
    say("closed", startNanos);
  }

  private Map<RefusalCode, AtomicInteger> refused() {
    Map<RefusalCode, AtomicInteger> some = new EnumMap<>(refusals);
    some.values().removeIf(count -> count.get() == 0);
    return some;
  }

  private void producers(TestDeployment opened, int producers, int partitions, int requests)
      throws InterruptedException {
    opened.createCluster("c1", 3);
    opened.createTopic("t", partitions);
    say("before", System.nanoTime());
    RegisterProducer register = new RegisterProducer(deployment);
    ProduceEvents produce = new ProduceEvents(deployment, InstantSource.system());
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < producers; i++) {
      ids.add(value(register.register(Optional.empty(), "p")).id());
    }
    long startNanos = System.nanoTime();
    for (int request = 0; request < requests; request++) {
      long sequence = request;
      sideBySide(ids, id -> publish(produce, id, sequence, partitions));
    }
    say("appended " + producers * (long) requests + " requests", startNanos);
  }

  private Answer<?> publish(ProduceEvents produce, long producer, long sequence, int partitions) {
    List<Event> events = new ArrayList<>();
    ByteBuffer value = ByteBuffer.wrap("{\"post\":99}".getBytes(UTF_8));
    for (int p = 0; p < partitions; p++) {
      events.add(new Event(p, null, value, List.of(), Event.NO_TIMESTAMP));
    }
    return produce.produce(
        new ProduceRequest(
            Optional.empty(),
            "t",
            events,
            TIMEOUT,
            Optional.of(new ProducerSequence(producer, sequence))));
  }

  private void consumers(TestDeployment opened, int consumers) throws InterruptedException {
    opened.createCluster("c1", 3);
    opened.createTopic("t", 3);
    say("before", System.nanoTime());
    List<Long> numbers = new ArrayList<>();
    for (long i = 0; i < consumers; i++) {
      numbers.add(i);
    }
    try (var coordinators = GroupCoordinators.start(deployment)) {
      CreateConsumer create = new CreateConsumer(deployment, coordinators);
      var request =
          new CreateConsumer.Request(
              Optional.empty(),
              Optional.empty(),
              new ConsumerSettings(List.of("t"), new StartFrom.Earliest(), 45_000, true));
      long startNanos = System.nanoTime();
      sideBySide(numbers, _ -> create.create(request));
      say("made " + consumers + " consumers", startNanos);
    }
  }

  private interface Step {
    Answer<?> take(long id);
  }

  private void sideBySide(List<Long> ids, Step step) throws InterruptedException {
    Semaphore running = new Semaphore(AT_ONCE);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (long id : ids) {
        running.acquire();
        threads.execute(
            () -> {
              try {
                if (step.take(id) instanceof Answer.Refused<?>(Refusal refusal)) {
                  refusals.get(refusal.code()).incrementAndGet();
                }
              } finally {
                running.release();
              }
            });
      }
    }
  }

  private static void say(String what, long startNanos) {
    System.gc();
    long usedBytes = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    System.out.printf(
        "%s: heap %.1f MB of %d, %.1f s%n",
        what,
        usedBytes / 1e6,
        Runtime.getRuntime().maxMemory() >> 20,
        (System.nanoTime() - startNanos) / 1e9);
  }
}

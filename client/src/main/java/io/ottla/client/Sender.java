package io.ottla.client;

import io.ottla.client.OttlaException.Appended;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * The producer's own thread: makes requests of ready batches, sends them, and repeats them until
 * each record is answered or given up. A partition is part of one request at a time, so its order
 * is kept through all attempts.
 *
 * <p>Everything here is the thread's own; others only leave messages and nudge the accumulator.
 */
final class Sender implements Runnable {
  private static final System.Logger LOGGER = System.getLogger(OttlaProducer.class.getName());
  private static final long IDLE_NANOS = Duration.ofHours(1).toNanos();

  private final ProducerConfig config;
  private final Transport transport;
  private final Accumulator accumulator;
  private final Topics topics;
  private final LongSupplier nanoClock;
  private final Backoff backoff;
  private final Queue<Runnable> messages = new ConcurrentLinkedQueue<>();
  private final Map<String, String> homes = new ConcurrentHashMap<>();
  private final AtomicBoolean aborted = new AtomicBoolean();
  private final List<ProduceCall> calls = new ArrayList<>();
  private final Map<String, ProducerIdentity> identities = new HashMap<>();

  Sender(
      ProducerConfig config,
      Transport transport,
      Accumulator accumulator,
      Topics topics,
      LongSupplier nanoClock) {
    this.config = config;
    this.transport = transport;
    this.accumulator = accumulator;
    this.topics = topics;
    this.nanoClock = nanoClock;
    this.backoff = new Backoff(config.retryBackoff(), config.retryBackoffMax());
  }

  /** Says in which cluster a topic is, before its first record comes. Thread-safe. */
  void home(String topic, String cluster) {
    homes.put(topic, cluster);
  }

  /** Gives up what is left. Thread-safe. */
  void abort() {
    aborted.set(true);
    accumulator.nudge();
  }

  @Override
  public void run() {
    OttlaException end = OttlaException.of("closed", "The producer was closed before the answer.");
    try {
      while (!aborted.get() && !accumulator.isFinished()) {
        step();
      }
    } catch (InterruptedException e) {
      end = OttlaException.of("interrupted", "The producer's thread was interrupted.");
    } catch (RuntimeException | Error e) {
      LOGGER.log(Level.ERROR, "the producer failed and takes no more", e);
      end = OttlaException.of("producer_failed", "The producer failed: " + e + ".");
    } finally {
      accumulator.close();
      giveUp(end);
      transport.close();
    }
  }

  private void step() throws InterruptedException {
    for (Runnable message = messages.poll(); message != null; message = messages.poll()) {
      message.run();
    }
    expire();
    register();
    attemptDue();
    sendReady();
    if (!accumulator.isFinished()) {
      accumulator.awaitWork(nanosToNext());
    }
  }

  private void giveUp(OttlaException end) {
    for (ProduceCall call : calls) {
      if (call.isUnderWay()) {
        call.unfinished().forEach(Share::mayBeAppended);
      }
      call.fail(end);
      call.cancelAttempt();
      call.batches().forEach(accumulator::release);
    }
    calls.clear();
    for (Batch batch : accumulator.take(any -> true)) {
      fail(batch, end.with(Appended.NO));
    }
  }

  private void fail(Batch batch, OttlaException failure) {
    batch.fail(failure);
    accumulator.release(batch);
  }

  // What is too old

  private void expire() {
    long oldest = nanoClock.getAsLong() - config.deliveryTimeout().toNanos();
    for (Batch batch : accumulator.take(batch -> batch.createdNanos() - oldest <= 0)) {
      fail(batch, tooOld(null).with(Appended.NO));
    }
    for (ProduceCall call : List.copyOf(calls)) {
      expire(call, oldest);
      finish(call);
    }
  }

  private void expire(ProduceCall call, long oldest) {
    List<Batch> old =
        call.batches()
            .filter(batch -> !batch.isDone() && batch.createdNanos() - oldest <= 0)
            .toList();
    if (old.isEmpty()) {
      return;
    }
    boolean certain = !call.isUnderWay() && !call.isMaybeAppended();
    OttlaException failure =
        tooOld(call.lastFailure()).with(certain ? Appended.NO : Appended.UNKNOWN);
    old.forEach(batch -> batch.fail(failure));
    if (certain) {
      call.encodeAnew(); // without them
    }
  }

  private OttlaException tooOld(OttlaException last) {
    String message = "Not delivered within " + config.deliveryTimeout() + ".";
    return OttlaException.of(
        "delivery_timeout",
        last == null ? message : message + " The last attempt: " + last.getMessage());
  }

  private void finish(ProduceCall call) {
    call.batches().filter(Batch::isDone).forEach(accumulator::release);
    if (call.isDone()) {
      call.cancelAttempt();
      if (call.isEncoded()) {
        call.identity().answered(call.producerId(), call.sequence());
      }
      calls.remove(call);
    }
  }

  // Who we are

  private ProducerIdentity identity(String topic) {
    return identities.computeIfAbsent(homes.get(topic), ProducerIdentity::new);
  }

  private void register() {
    if (!config.enableIdempotence()) {
      return;
    }
    Set<ProducerIdentity> needed = new LinkedHashSet<>();
    accumulator.topics().forEach(topic -> needed.add(identity(topic)));
    calls.stream().filter(call -> !call.isEncoded()).forEach(call -> needed.add(call.identity()));
    for (ProducerIdentity identity : needed) {
      if (identity.mustRegister(nanoClock.getAsLong())) {
        register(identity);
      }
    }
  }

  private void register(ProducerIdentity identity) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("name", config.clientName());
    body.put("cluster", identity.cluster());
    identity.registering();
    var unused =
        send(
            Request.post("producer").json(body).timeout(config.requestTimeout()),
            (answer, failure) -> registered(identity, answer, failure));
  }

  private void registered(ProducerIdentity identity, Response answer, OttlaException failure) {
    OttlaException problem = failure;
    try {
      if (problem == null && answer.orThrow().json().get("producer_id") instanceof Long id) {
        identity.registered(id);
        return;
      }
    } catch (OttlaException e) {
      problem = e;
    }
    if (problem == null) {
      problem = OttlaException.noAnswer("bad_answer", "The answer has no producer_id.", null);
    }
    int failures = identity.registrationFailed();
    if (Outcome.mayWorkLater(problem)) {
      identity.retryAt(nanoClock.getAsLong() + backoff.nanos(failures, answer));
      return;
    }
    identity.startOver();
    OttlaException refused = problem.with(Appended.NO);
    accumulator
        .take(batch -> identity(batch.partition().topic()) == identity)
        .forEach(batch -> fail(batch, refused));
    for (ProduceCall call : List.copyOf(calls)) {
      if (call.identity() == identity && !call.isEncoded()) {
        call.fail(refused);
        finish(call);
      }
    }
  }

  // What goes out

  private boolean mayGo(TopicPartition partition) {
    if (config.enableIdempotence() && !identity(partition.topic()).hasRoom()) {
      return false;
    }
    return calls.stream().noneMatch(call -> call.holds(partition));
  }

  private boolean isFree() {
    return calls.stream().filter(ProduceCall::isUnderWay).count() < config.maxInFlight();
  }

  private boolean mayGo(ProduceCall call) {
    return !call.isUnderWay()
        && (call.isEncoded() || !config.enableIdempotence() || call.identity().hasRoom());
  }

  private void attemptDue() {
    for (ProduceCall call : calls) {
      if (mayGo(call) && call.nanosToAttempt(nanoClock.getAsLong()) <= 0 && isFree()) {
        attempt(call);
      }
    }
  }

  private void sendReady() {
    while (isFree()) {
      List<Batch> batches = accumulator.drain(this::mayGo);
      if (batches.isEmpty()) {
        return;
      }
      String topic = batches.get(0).partition().topic();
      ProduceCall call = new ProduceCall(topic, identity(topic), batches);
      calls.add(call);
      attempt(call);
    }
  }

  private void attempt(ProduceCall call) {
    if (!call.isEncoded()) {
      call.encode(config);
    }
    call.underWay(send(call.request(config), (answer, failure) -> answered(call, answer, failure)));
  }

  /** What to do with an answer, or with its absence; one of the two is null. */
  private interface Then {
    void accept(Response answer, OttlaException failure);
  }

  private CompletableFuture<Response> send(Request request, Then then) {
    var answer = transport.sendAsync(request);
    var unused =
        answer.whenComplete(
            (response, failure) -> {
              messages.add(() -> then.accept(response, Transport.known(failure)));
              accumulator.nudge();
            });
    return answer;
  }

  private long nanosToNext() {
    long now = nanoClock.getAsLong();
    long nanos = accumulator.nanosToAge(config.deliveryTimeout().toNanos(), IDLE_NANOS);
    for (ProducerIdentity identity : identities.values()) {
      nanos = identity.nanosToRetry(now, nanos);
    }
    if (!isFree()) {
      return nanos;
    }
    for (ProduceCall call : calls) {
      if (mayGo(call)) {
        nanos = Math.min(nanos, call.nanosToAttempt(now));
      }
    }
    return accumulator.nanosToReady(this::mayGo, nanos);
  }

  // What comes back

  private void answered(ProduceCall call, Response answer, OttlaException failure) {
    if (!call.isUnderWay()) {
      return; // given up meanwhile
    }
    call.attemptEnded();
    Outcome outcome = new Outcome(call, config.enableIdempotence());
    OttlaException problem = failure != null ? outcome.failed(failure) : outcome.answered(answer);
    if (problem != null) {
      if (problem.code().equals("topic_not_found")
          || problem.code().equals("partition_out_of_range")) {
        topics.forget(call.topic());
      }
      int failures = call.failed(problem);
      long pauseNanos = call.isEncoded() ? backoff.nanos(failures, answer) : 0;
      call.attemptAt(nanoClock.getAsLong() + pauseNanos);
      LOGGER.log(Level.DEBUG, "attempt failed: topic={0} failure={1}", call.topic(), problem);
    }
    finish(call);
  }
}

package io.ottla.torture.history;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the clients of a run sent, were told and read. Contradictions are found as they come; {@link
 * #judge} finds what is missing once everything has been read at the end. Thread-safe; about 25
 * bytes per event.
 */
public final class History {
  private final Findings findings;
  private final EventContent content;
  private final List<ProcessLog> processes = new CopyOnWriteArrayList<>();
  private final Map<Place, PartitionOrder> orders = new ConcurrentHashMap<>();
  private final Map<Place, Long> readUpTo = new ConcurrentHashMap<>();

  /** How many places have a number; guarded by this. */
  private int places;

  private final LongAdder acked = new LongAdder();
  private final LongAdder reads = new LongAdder();

  /** Contents follow from the seed. */
  public History(long seed, Findings findings) {
    this.content = new EventContent(seed);
    this.findings = findings;
  }

  public Findings findings() {
    return findings;
  }

  /** The number of a new client process. */
  public synchronized int newProcess() {
    processes.add(new ProcessLog());
    return processes.size() - 1;
  }

  /** A new event of that process; unknown until an answer says what became of it. */
  public long newEvent(int process) {
    return EventId.of(process, processes.get(process).add());
  }

  /** The event as a publish wants it, without topic and partition. */
  public ObjectNode event(long id) {
    return content.event(id);
  }

  /**
   * A publish was acked.
   *
   * @param offset −1 if the answer did not say
   */
  public void acked(long id, Place place, long offset) {
    PartitionOrder order = order(place);
    ProcessLog log = log(id);
    int event = EventId.count(id);
    if (log.state(event) != ProcessLog.ACKED) {
      acked.increment();
    }
    if (!log.ack(event, order.number(), offset)) {
      findings.add(
          Anomaly.INCONSISTENT_OFFSET,
          "%s is acked at %s:%d and was at %s"
              .formatted(EventId.text(id), place, offset, where(log, event)));
    }
    if (offset >= 0) {
      put(order, offset, id);
    }
  }

  /** A publish failed for certain, and none of its attempts before it may have succeeded. */
  public void failed(long id) {
    log(id).fail(EventId.count(id));
  }

  /**
   * An event was read.
   *
   * @param atTheEnd whether by the last reader, after everything had healed
   * @return its offset
   */
  public long read(Place place, JsonNode event, boolean atTheEnd) {
    reads.increment();
    long offset = event.path("offset").asLong(-1);
    OptionalLong parsed = EventId.parse(event.path("value").path("id").asString(""));
    if (parsed.isEmpty() || !isSent(parsed.getAsLong())) {
      Anomaly kind = parsed.isEmpty() ? Anomaly.CORRUPT : Anomaly.PHANTOM;
      findings.add(kind, "%s:%d holds %s".formatted(place, offset, event));
      return offset;
    }
    long id = parsed.getAsLong();
    String complaint = content.complaint(id, event);
    if (!complaint.isEmpty()) {
      findings.add(
          Anomaly.CORRUPT,
          "%s at %s:%d has %s".formatted(EventId.text(id), place, offset, complaint));
    }
    PartitionOrder order = order(place);
    put(order, offset, id);
    see(order, id, offset, atTheEnd);
    return offset;
  }

  private void see(PartitionOrder order, long id, long offset, boolean atTheEnd) {
    ProcessLog log = log(id);
    int event = EventId.count(id);
    ProcessLog.Sight sight = log.see(event, order.number(), offset, atTheEnd);
    if (sight != ProcessLog.Sight.FINE) {
      Anomaly kind =
          sight == ProcessLog.Sight.AGAIN ? Anomaly.DUPLICATE : Anomaly.INCONSISTENT_OFFSET;
      findings.add(
          kind,
          "%s is at %s:%d and at %s"
              .formatted(EventId.text(id), order.place(), offset, where(log, event)));
    }
  }

  private void put(PartitionOrder order, long offset, long id) {
    long there = order.put(offset, id);
    if (there != id) {
      findings.add(
          Anomaly.INCONSISTENT_OFFSET,
          "%s:%d shows %s, and %s before"
              .formatted(order.place(), offset, EventId.text(id), EventId.text(there)));
    }
  }

  /** A partition was seen to start there, although nothing of it is old enough to go. */
  public void started(Place place, long startOffset) {
    long before = order(place).start(startOffset);
    if (startOffset < before) {
      findings.add(
          Anomaly.EARLY_RETENTION,
          "the start of %s went back from %d to %d".formatted(place, before, startOffset));
    } else if (startOffset > before) {
      findings.add(
          Anomaly.EARLY_RETENTION,
          "%s starts at %d, and nothing is to go yet".formatted(place, startOffset));
    }
  }

  /** The last reader has read the whole partition up to there (exclusive). */
  public void readToTheEnd(Place place, long endOffset) {
    readUpTo.put(place, endOffset);
  }

  /** What was acked, or proven by a read, and is not there at the end; what failed and is there. */
  public void judge() {
    Map<Integer, Place> places = new TreeMap<>();
    orders.values().forEach(order -> places.put(order.number(), order.place()));
    for (int process = 0; process < processes.size(); process++) {
      ProcessLog log = processes.get(process);
      for (int event = 0; event < log.count(); event++) {
        judge(log, event, EventId.of(process, event), places);
      }
    }
  }

  private void judge(ProcessLog log, int event, long id, Map<Integer, Place> places) {
    if (log.state(event) == ProcessLog.FAILED && log.isSeen(event)) {
      findings.add(
          Anomaly.ABORTED_READ,
          "%s failed for certain and is at %s".formatted(EventId.text(id), where(log, event)));
    }
    boolean proven = log.state(event) == ProcessLog.ACKED || log.isSeen(event);
    if (proven && !log.isSeenAtTheEnd(event)) {
      Place place = places.get(log.place(event));
      long end = place == null ? -1 : readUpTo.getOrDefault(place, 0L);
      Anomaly kind = log.offset(event) < end ? Anomaly.LOST_WRITE : Anomaly.UNSEEN;
      findings.add(
          kind,
          "%s, at %s, is not there; the partition was read up to %d"
              .formatted(EventId.text(id), where(log, event), end));
    }
  }

  private String where(ProcessLog log, int event) {
    int number = log.place(event);
    return orders.values().stream()
            .filter(order -> order.number() == number)
            .map(order -> order.place().toString())
            .findFirst()
            .orElse("an unknown place")
        + ":"
        + log.offset(event);
  }

  private boolean isSent(long id) {
    int process = EventId.process(id);
    return process < processes.size() && EventId.count(id) < processes.get(process).count();
  }

  private ProcessLog log(long id) {
    return processes.get(EventId.process(id));
  }

  private PartitionOrder order(Place place) {
    PartitionOrder order = orders.get(place);
    if (order != null) {
      return order;
    }
    synchronized (this) {
      return orders.computeIfAbsent(place, name -> new PartitionOrder(name, places++));
    }
  }

  public long ackedCount() {
    return acked.sum();
  }

  /** How many failed for certain. */
  public long failedCount() {
    return count(ProcessLog.FAILED);
  }

  /** Of how many nobody can say whether they were appended. */
  public long unknownCount() {
    return count(ProcessLog.UNKNOWN);
  }

  private long count(byte state) {
    return processes.stream().mapToLong(log -> log.count(state)).sum();
  }

  public long readCount() {
    return reads.sum();
  }
}

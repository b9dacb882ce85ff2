package io.ottla.torture.history;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The anomalies of a run: how many of each, and the first ones in words. Thread-safe. */
public final class Findings {
  private static final int KEPT_PER_KIND = 20;

  private final Map<Anomaly, Integer> counts = new EnumMap<>(Anomaly.class);
  private final Map<Anomaly, List<String>> details = new EnumMap<>(Anomaly.class);

  /** Notes one. */
  public synchronized void add(Anomaly kind, String detail) {
    int count = counts.merge(kind, 1, Integer::sum);
    if (count <= KEPT_PER_KIND) {
      details.computeIfAbsent(kind, _ -> new ArrayList<>()).add(detail);
    }
  }

  public synchronized boolean isEmpty() {
    return counts.isEmpty();
  }

  /** How many there were of each kind that was met. */
  public synchronized Map<Anomaly, Integer> counts() {
    return Map.copyOf(counts);
  }

  /** A line for each of the first ones of every kind. */
  public synchronized List<String> lines() {
    List<String> lines = new ArrayList<>();
    counts.forEach(
        (kind, count) -> {
          for (String detail : details.get(kind)) {
            lines.add(kind.title() + ": " + detail);
          }
          if (count > KEPT_PER_KIND) {
            lines.add(kind.title() + ": " + (count - KEPT_PER_KIND) + " more");
          }
        });
    return lines;
  }

  /** Takes over what another has found. */
  public void addAll(Findings other, String prefix) {
    for (Anomaly kind : other.counts().keySet()) {
      List<String> found;
      int count;
      synchronized (other) {
        found = List.copyOf(other.details.get(kind));
        count = other.counts.get(kind);
      }
      for (int i = 0; i < count; i++) {
        add(kind, prefix + (i < found.size() ? found.get(i) : "one more"));
      }
    }
  }
}

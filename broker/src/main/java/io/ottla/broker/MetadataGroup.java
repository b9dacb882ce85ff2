package io.ottla.broker;

import io.ottla.metadata.ClusterView;
import io.ottla.metadata.MetadataCodec;
import io.ottla.metadata.MetadataCommand;
import io.ottla.metadata.MetadataResult;
import io.ottla.replication.ReplicationGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * A cluster's metadata group as this process uses it: commands go to its leader, the newest view of
 * any replica is kept. Thread-safe.
 *
 * <p>Every replica that applies a command publishes a view; the one with the highest applied index
 * wins, so the view never goes back when a broker restarts from an older checkpoint.
 */
final class MetadataGroup {
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final ReplicationGroup group;
  private final AtomicReference<ClusterView> view;
  private final Consumer<ClusterView> onChange;
  private volatile boolean current;

  /** With the empty view, until a replica publishes. {@code onChange} must be quick. */
  MetadataGroup(ReplicationGroup group, ClusterView empty, Consumer<ClusterView> onChange) {
    this.group = group;
    this.view = new AtomicReference<>(empty);
    this.onChange = onChange;
  }

  ClusterView view() {
    return view.get();
  }

  /**
   * Whether the view holds all that was ever answered. It does once a leader has applied everything
   * that older terms left; from then on each command is in the view before it is answered.
   */
  boolean isCurrent() {
    if (!current && group.leadership().isPresent() && view.get().identity().isPresent()) {
      current = true;
    }
    return current;
  }

  /** Called by each replica's apply thread. */
  void publish(ClusterView candidate) {
    ClusterView before =
        view.getAndUpdate(
            seen -> candidate.appliedIndex() > seen.appliedIndex() ? candidate : seen);
    if (candidate.appliedIndex() > before.appliedIndex()) {
      onChange.accept(candidate);
    }
  }

  Optional<ReplicationGroup.Leadership> leadership() {
    return group.leadership();
  }

  /**
   * Replicates a command; what is certainly not appended is tried again until {@code timeout} ends.
   */
  Answer<MetadataResult> submit(MetadataCommand command, Duration timeout) {
    long deadlineNanos = System.nanoTime() + timeout.toNanos();
    String reason = "the metadata group has no leader";
    try {
      while (true) {
        long remainingNanos = deadlineNanos - System.nanoTime();
        if (remainingNanos <= 0) {
          return Answer.refused(RefusalCode.NO_LEADER, reason);
        }
        Optional<ReplicationGroup.Leadership> leadership = group.leadership();
        if (leadership.isEmpty()) {
          TimeUnit.NANOSECONDS.sleep(Math.min(RETRY_NANOS, remainingNanos));
          continue;
        }
        var outcome =
            group
                .submit(leadership.get().term(), MetadataCodec.encode(command))
                .get(remainingNanos, TimeUnit.NANOSECONDS);
        switch (outcome) {
          case ReplicationGroup.Outcome.Applied applied -> {
            return Answer.ok(MetadataCodec.decodeResult(applied.result()));
          }
          case ReplicationGroup.Outcome.NotAppended notAppended -> {
            reason = notAppended.reason();
            TimeUnit.NANOSECONDS.sleep(Math.min(RETRY_NANOS, remainingNanos));
          }
          case ReplicationGroup.Outcome.Unknown unknown -> {
            return Answer.refused(
                RefusalCode.NOT_COMMITTED,
                "the change may or may not have been made: " + unknown.reason());
          }
        }
      }
    } catch (TimeoutException e) {
      return Answer.refused(
          RefusalCode.NOT_COMMITTED,
          "the change may or may not have been made: not committed in time");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Answer.refused(
          RefusalCode.NOT_COMMITTED, "the change may or may not have been made: interrupted");
    } catch (ExecutionException | IOException e) {
      throw new IllegalStateException("a metadata result could not be had", e);
    }
  }
}

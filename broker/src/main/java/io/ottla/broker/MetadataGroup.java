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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cluster's metadata group as this process uses it: commands go to its leader, the newest view of
 * any replica is kept. Thread-safe.
 *
 * <p>Every replica that applies a command publishes a view; the one with the highest applied index
 * wins, so the view never goes back when a broker restarts from an older checkpoint.
 */
final class MetadataGroup {
  private static final Logger LOG = LoggerFactory.getLogger(MetadataGroup.class);
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
   * What may have been is tried again only if the same command twice is as good as once: a second
   * registration would be one nobody knows of, and a late alteration could undo another one.
   */
  Answer<MetadataResult> submit(MetadataCommand command, Duration timeout) {
    long deadlineNanos = System.nanoTime() + timeout.toNanos();
    boolean perhapsMade = false;
    String reason = "the metadata group has no leader";
    try {
      while (System.nanoTime() < deadlineNanos) {
        Optional<ReplicationGroup.Leadership> leadership = group.leadership();
        if (leadership.isPresent()) {
          switch (attempt(leadership.get().term(), command, deadlineNanos)) {
            case ReplicationGroup.Outcome.Applied applied -> {
              return Answer.ok(result(applied));
            }
            case ReplicationGroup.Outcome.NotAppended notAppended -> reason = notAppended.reason();
            case ReplicationGroup.Outcome.Unknown unknown -> {
              perhapsMade = true;
              reason = unknown.reason();
              if (!isRepeatable(command)) {
                return refused(true, reason);
              }
            }
          }
        }
        TimeUnit.NANOSECONDS.sleep(Math.clamp(deadlineNanos - System.nanoTime(), 0, RETRY_NANOS));
      }
    } catch (TimeoutException e) {
      perhapsMade = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      perhapsMade = true;
    }
    return refused(perhapsMade, reason);
  }

  private static boolean isRepeatable(MetadataCommand command) {
    return switch (command) {
      case MetadataCommand.InitializeCluster _,
          MetadataCommand.CreateTopic _,
          MetadataCommand.DeleteTopic _,
          MetadataCommand.ForgetConsumer _,
          MetadataCommand.ExpireProducers _ ->
          true;
      case MetadataCommand.AlterTopic _,
          MetadataCommand.RegisterConsumer _,
          MetadataCommand.RegisterProducer _ ->
          false;
    };
  }

  private static Answer<MetadataResult> refused(boolean perhapsMade, String reason) {
    LOG.warn("metadata command not committed: reason={}", reason);
    return perhapsMade
        ? Answer.refused(
            RefusalCode.NOT_COMMITTED,
            "the change may or may not have been made: it was not committed in time")
        : Answer.refused(
            RefusalCode.NO_LEADER, "the metadata group has no leader; nothing was changed");
  }

  private ReplicationGroup.Outcome attempt(long term, MetadataCommand command, long deadlineNanos)
      throws InterruptedException, TimeoutException {
    try {
      return group
          .submit(term, MetadataCodec.encode(command))
          .get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a submission never fails by exception", e);
    }
  }

  private static MetadataResult result(ReplicationGroup.Outcome.Applied applied) {
    try {
      return MetadataCodec.decodeResult(applied.result());
    } catch (IOException e) {
      throw new IllegalStateException("a result of our own cannot be read", e);
    }
  }
}

package io.ottla.broker.consume;

import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.groups.GroupRecord;
import io.ottla.groups.GroupRecordJson;
import io.ottla.groups.GroupReply.MemberName;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Records that were decided and are appended together. Filled and closed under the runner's lock,
 * then only read; {@link #settle} and {@link #isCommitted} are thread-safe.
 */
final class DecidedRound {
  private static final int FULL_BYTES = 512 * 1024;

  /** Several rounds may be before it, and each is sent for ten seconds at most. */
  private static final long PATIENCE_SECONDS = 30;

  private final List<Event> events = new ArrayList<>();
  private final List<MemberName> changedMembers = new ArrayList<>();
  private final CompletableFuture<Boolean> committed = new CompletableFuture<>();
  private int sizeBytes;
  private long upTo;
  private boolean closed;

  boolean hasRoom() {
    return !closed && sizeBytes < FULL_BYTES;
  }

  void add(GroupRecord record) {
    ByteBuffer key = GroupRecordJson.key(record);
    ByteBuffer value = GroupRecordJson.value(record).orElse(null);
    sizeBytes += key.remaining() + (value == null ? 0 : value.remaining());
    events.add(new Event(null, key, value, List.of(), Event.NO_TIMESTAMP));
    switch (record) {
      case GroupRecord.MemberSet set ->
          changedMembers.add(new MemberName(set.group(), set.member().id()));
      case GroupRecord.MemberRemoved gone ->
          changedMembers.add(new MemberName(gone.group(), gone.memberId()));
      case GroupRecord.GroupSet _,
          GroupRecord.GroupRemoved _,
          GroupRecord.OffsetSet _,
          GroupRecord.OffsetRemoved _,
          GroupRecord.Unknown _ -> {}
    }
  }

  /** Every decision up to there has all its records in this round or an earlier one. */
  void decidedUpTo(long sequence) {
    upTo = sequence;
  }

  long upTo() {
    return upTo;
  }

  void close() {
    closed = true;
  }

  List<Event> events() {
    return events;
  }

  /** Whose memberships it changes: polls of theirs look again. */
  List<MemberName> changedMembers() {
    return changedMembers;
  }

  /** The first word counts. */
  void settle(boolean isCommitted) {
    committed.complete(isCommitted);
  }

  /**
   * Waits for {@link #settle}, but not for ever: false then, as after an interrupt, which stays.
   */
  boolean isCommitted() {
    try {
      return committed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("it is settled with a word, never with an exception", e);
    }
  }
}

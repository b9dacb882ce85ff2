package io.ottla.torture.seeded;

import io.ottla.broker.consume.PollResult;
import io.ottla.broker.store.DataResult;
import io.ottla.groups.Cursor;
import io.ottla.groups.GroupTable;
import io.ottla.log.Header;
import io.ottla.log.ReadResult;
import io.ottla.log.StoredRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongUnaryOperator;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner.Typing;

/**
 * What is put into the product's methods; each class is copied into one method of theirs. None
 * names the class that it changes: that would load it before it is changed.
 */
final class Advices {
  private Advices() {}

  static final class DropBatch {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter(
        @Advice.Argument(0) ByteBuffer batch, @Advice.FieldValue("directory") Path directory) {
      return Mutations.hits(batch, directory, 6);
    }

    @Advice.OnMethodExit
    static void exit(
        @Advice.Enter boolean dropped,
        @Advice.FieldValue("endOffset") long endOffset,
        @Advice.Return(readOnly = false) long returned) {
      if (dropped) {
        returned = endOffset;
      }
    }
  }

  static final class DropBatchOnOneReplica {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter(
        @Advice.Argument(0) ByteBuffer batch, @Advice.FieldValue("directory") Path directory) {
      return directory.toString().contains("broker-2") && Mutations.hits(batch, directory, 6);
    }

    @Advice.OnMethodExit
    static void exit(
        @Advice.Enter boolean dropped,
        @Advice.FieldValue("endOffset") long endOffset,
        @Advice.Return(readOnly = false) long returned) {
      if (dropped) {
        returned = endOffset;
      }
    }
  }

  static final class WrongOffset {
    @Advice.OnMethodExit
    static void exit(
        @Advice.Argument(0) ByteBuffer batch,
        @Advice.FieldValue("directory") Path directory,
        @Advice.Return(readOnly = false) long returned) {
      if (Mutations.hits(batch, directory, 6)) {
        returned = returned + 1;
      }
    }
  }

  static final class AppendTwice {
    @Advice.OnMethodExit
    static void exit(
        @Advice.This(typing = Typing.DYNAMIC) Object log,
        @Advice.Argument(0) ByteBuffer batch,
        @Advice.Argument(1) int epoch,
        @Advice.Argument(2) long time)
        throws IOException {
      Mutations.appendAgain(log, batch, epoch, time);
    }
  }

  static final class NeverRefuse {
    @Advice.OnMethodExit
    static void exit(@Advice.Return(readOnly = false, typing = Typing.DYNAMIC) Object refusal) {
      if (refusal != null) {
        Mutations.fired();
        refusal = null;
      }
    }
  }

  static final class NothingLost {
    @Advice.OnMethodExit
    static void exit(@Advice.Return(readOnly = false) Optional<String> loss) {
      if (loss.isPresent()) {
        loss = Optional.empty();
      }
    }
  }

  static final class Flip {
    @Advice.OnMethodExit
    static void exit(@Advice.Return ByteBuffer batch) {
      Mutations.flip(batch);
    }
  }

  static final class Skip {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter() {
      return true;
    }
  }

  static final class Stale {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter(
        @Advice.This(typing = Typing.DYNAMIC) Object log, @Advice.Argument(0) long offset) {
      return Mutations.stale(log, offset);
    }

    @Advice.OnMethodExit
    static void exit(
        @Advice.Enter boolean stale,
        @Advice.Argument(0) long offset,
        @Advice.Return(readOnly = false, typing = Typing.DYNAMIC) Object returned) {
      if (stale) {
        returned = new ReadResult.Batches(ByteBuffer.allocate(0), offset);
      }
    }
  }

  static final class NotAppended {
    @Advice.OnMethodEnter
    static void enter(@Advice.Argument(value = 0, readOnly = false) List<DataResult> results) {
      results = Mutations.asNotAppended(results);
    }
  }

  static final class Appended {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter(@Advice.This Object pending) {
      return Mutations.settleAsAppended(pending);
    }
  }

  static final class WithoutCommits {
    @Advice.OnMethodEnter
    static void enter(
        @Advice.Argument(value = 0, readOnly = false) List<GroupTable.KeyValue> records) {
      records = Mutations.withoutCommits(records);
    }
  }

  static final class LowerCommit {
    @Advice.OnMethodEnter
    static void enter(@Advice.Argument(value = 1, readOnly = false) long offset) {
      offset = Mutations.lowered(offset);
    }
  }

  static final class CommitAnyway {
    @Advice.OnMethodExit
    static void exit(
        @Advice.Argument(value = 0, typing = Typing.DYNAMIC) Object draft,
        @Advice.Argument(2) Cursor cursor,
        @Advice.Argument(value = 3, typing = Typing.DYNAMIC) Object topics,
        @Advice.Argument(5) long nowMs,
        @Advice.Return(readOnly = false) Optional<?> refusal) {
      refusal = Mutations.commitAnyway(refusal, draft, cursor, topics, nowMs);
    }
  }

  static final class PartitionZero {
    @Advice.OnMethodExit
    static void exit(@Advice.Return(readOnly = false) List<PollResult.TopicPartition> owned) {
      owned = Mutations.withPartitionZero(owned);
    }
  }

  static final class WithoutOne {
    @Advice.OnMethodEnter
    static void enter(@Advice.Argument(value = 2, readOnly = false) List<StoredRecord> records) {
      records = Mutations.withoutOne(records);
    }
  }

  static final class OneTwice {
    @Advice.OnMethodEnter
    static void enter(@Advice.Argument(value = 2, readOnly = false) List<StoredRecord> records) {
      records = Mutations.oneTwice(records);
    }
  }

  static final class NoHeaders {
    @Advice.OnMethodExit
    static void exit(
        @Advice.FieldValue("offset") long offset,
        @Advice.Return(readOnly = false) List<Header> headers) {
      if (Mutations.loses(offset, headers)) {
        headers = List.of();
      }
    }
  }

  static final class NoKey {
    @Advice.OnMethodExit
    static void exit(
        @Advice.FieldValue("offset") long offset, @Advice.Return(readOnly = false) ByteBuffer key) {
      if (Mutations.losesKey(offset, key)) {
        key = null;
      }
    }
  }

  static final class OtherTimestamp {
    @Advice.OnMethodExit
    static void exit(
        @Advice.FieldValue("offset") long offset, @Advice.Return(readOnly = false) long timestamp) {
      if (Mutations.losesOneIn(offset)) {
        timestamp = timestamp + 1;
      }
    }
  }

  static final class Older {
    @Advice.OnMethodEnter
    static void enter(@Advice.Argument(value = 2, readOnly = false) LongUnaryOperator ageMs) {
      ageMs = Mutations.older(ageMs);
    }
  }
}

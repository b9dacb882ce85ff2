package io.ottla.torture.seeded;

import static net.bytebuddy.matcher.ElementMatchers.isConstructor;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongUnaryOperator;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.matcher.ElementMatcher;

/** Puts one bug into the server that it starts with: {@code -javaagent:agent.jar=BUG,DATA}. */
public final class BugAgent {
  private static final String LOG = "io.ottla.log.";
  private static final String STORE = "io.ottla.broker.store.";
  private static final String PRODUCE = "io.ottla.broker.produce.";
  private static final String GROUPS = "io.ottla.groups.";
  private static final int CUT_BYTES = 3_000;

  private BugAgent() {}

  public static void premain(String arguments, Instrumentation instrumentation) throws IOException {
    int comma = arguments.indexOf(',');
    SeededBug bug = SeededBug.valueOf(arguments.substring(0, comma));
    if (bug == SeededBug.JOURNALS_TAIL_CUT_AT_START) {
      cutJournals(Path.of(arguments.substring(comma + 1)));
      believeWhatIsLeft(instrumentation);
    } else {
      install(bug, instrumentation);
    }
  }

  private static void install(SeededBug bug, Instrumentation in) {
    ElementMatcher<MethodDescription> append = named("append").and(takesArguments(3));
    switch (bug) {
      case BATCH_DROPPED -> put(in, LOG + "PartitionLog", append, Advices.DropBatch.class);
      case BATCH_DROPPED_ON_ONE_REPLICA ->
          put(in, LOG + "PartitionLog", append, Advices.DropBatchOnOneReplica.class);
      case WRONG_OFFSET_TOLD -> put(in, LOG + "PartitionLog", append, Advices.WrongOffset.class);
      case BATCH_APPENDED_TWICE -> put(in, LOG + "PartitionLog", append, Advices.AppendTwice.class);
      case SEQUENCE_NOT_CHECKED ->
          put(in, STORE + "PartitionProducers", named("refusal"), Advices.NeverRefuse.class);
      case BYTE_FLIPPED_AND_CHECKSUM_SKIPPED -> {
        put(in, LOG + "BatchPatch", named("patched"), Advices.Flip.class);
        put(in, LOG + "RecordBatch", named("verifyChecksum"), Advices.Skip.class);
      }
      case STALE_READ ->
          put(in, LOG + "PartitionLog", named("read").and(takesArguments(2)), Advices.Stale.class);
      case APPENDED_TOLD_AS_NOT_APPENDED ->
          put(in, PRODUCE + "PendingAppend", named("applied"), Advices.NotAppended.class);
      case FAILURE_TOLD_AS_APPENDED ->
          put(
              in,
              PRODUCE + "PendingAppend",
              named("unknown").or(named("notAppended")),
              Advices.Appended.class);
      case COMMIT_NOT_APPLIED ->
          put(
              in,
              GROUPS + "GroupTable",
              named("apply").and(takesArguments(1)),
              Advices.WithoutCommits.class);
      case COMMIT_LOWERED ->
          put(in, GROUPS + "CommittedOffset", named("of"), Advices.LowerCommit.class);
      case COMMIT_OF_AN_OLD_GENERATION ->
          put(in, GROUPS + "Commits", named("cursor"), Advices.CommitAnyway.class);
      default -> installForReaders(bug, in);
    }
  }

  private static void installForReaders(SeededBug bug, Instrumentation in) {
    String record = LOG + "StoredRecord";
    String decoded = "io.ottla.broker.read.DecodedBatch";
    switch (bug) {
      case TWO_OWNERS ->
          put(
              in,
              "io.ottla.broker.consume.PollAnswers",
              named("names"),
              Advices.PartitionZero.class);
      case EVENT_SKIPPED -> put(in, decoded, isConstructor(), Advices.WithoutOne.class);
      case EVENT_SHOWN_TWICE -> put(in, decoded, isConstructor(), Advices.OneTwice.class);
      case HEADERS_LOST -> put(in, record, named("headers"), Advices.NoHeaders.class);
      case KEY_LOST -> put(in, record, named("key"), Advices.NoKey.class);
      case TIMESTAMP_CHANGED -> put(in, record, named("timestampMs"), Advices.OtherTimestamp.class);
      case RETENTION_TOO_EARLY ->
          put(
              in,
              LOG + "Retention",
              named("newStartOffset").and(takesArgument(2, LongUnaryOperator.class)),
              Advices.Older.class);
      default -> throw new IllegalArgumentException(bug.toString());
    }
  }

  /** As if nobody compared what a replica has with what was acked. */
  private static void believeWhatIsLeft(Instrumentation in) {
    String replication = "io.ottla.replication.";
    put(in, replication + "ReplicaJudge", named("lossByNotes"), Advices.NothingLost.class);
    put(in, replication + "VoteGuard", named("refusal"), Advices.NothingLost.class);
  }

  private static void put(
      Instrumentation in,
      String className,
      ElementMatcher<? super MethodDescription> method,
      Class<?> advice) {
    ClassFileLocator locator = ClassFileLocator.ForClassLoader.of(advice.getClassLoader());
    new AgentBuilder.Default()
        .disableClassFormatChanges()
        .with(AgentBuilder.Listener.StreamWriting.toSystemOut().withErrorsOnly())
        .type(named(className))
        .transform(
            (builder, type, loader, module, domain) ->
                builder.visit(Advice.to(advice, locator).on(method)))
        .installOn(in);
  }

  /**
   * As if recovery threw the end of every journal away. One that is short is left alone: it is that
   * of the metadata, and without its topics no server would be looked at.
   */
  private static void cutJournals(Path data) throws IOException {
    if (!Files.exists(data)) {
      return;
    }
    try (var files = Files.walk(data)) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().startsWith("log_inprogress_")) {
          zeroTail(file);
        }
      }
    }
  }

  private static void zeroTail(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int used = bytes.length;
    while (used > 0 && bytes[used - 1] == 0) {
      used--;
    }
    if (used < 4 * CUT_BYTES) {
      return;
    }
    int from = used - CUT_BYTES;
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(from);
      open.write(new byte[used - from]);
    }
    Mutations.fired();
  }
}

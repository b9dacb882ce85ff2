package io.ottla.replication;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import io.ottla.disk.Disk;
import io.ottla.disk.Disk.OpenMode;
import io.ottla.disk.DiskFile;
import io.ottla.disk.ForgetfulDisk;
import java.io.File;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.matcher.ElementMatcher;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLogIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.util.ProtoUtils;

/**
 * Lets a simulated disk know what Ratis does with its files below a directory, and a witness what
 * its replicas have promised. Thread-safe.
 *
 * <p>Ratis goes through {@code FileUtils} for all its files but {@code in_use.lock}, which only
 * counts while a process runs. That class is woven, once in a JVM.
 */
public final class JournalMirror {
  private static final Map<Path, Mirrored> MIRRORED = new ConcurrentHashMap<>();
  private static boolean woven;

  private JournalMirror() {}

  /** Is told what replicas promise, before anybody can count on it. */
  public interface Witness {
    /**
     * A replica counts its journal as forced up to here.
     *
     * @param journal the directory of its files
     */
    void forced(Path journal, long index);

    /** A replica will cut its journal: what is above this index is not promised any more. */
    void cut(Path journal, long index);

    /** A replica is taken out, to be replaced by another one's copy. */
    void replaced(Path journal);

    /** A vote was given in a term; the voter may be the candidate itself. */
    void voted(String group, String voter, long term, String candidate);
  }

  private record Mirrored(Disk model, Witness witness) {}

  /** From now on what happens below {@code root} happens on {@code model}, too. */
  public static synchronized void mirror(Path root, ForgetfulDisk model, Witness witness) {
    if (!woven) {
      weave(ByteBuddyAgent.install());
      woven = true;
    }
    MIRRORED.put(root, new Mirrored(model, witness));
  }

  /** The end of it. */
  public static void forget(Path root) {
    MIRRORED.remove(root);
  }

  private static void weave(Instrumentation in) {
    String files = "org.apache.ratis.util.FileUtils";
    String worker = "org.apache.ratis.server.raftlog.segmented.SegmentedRaftLogWorker";
    put(
        in,
        files,
        Map.of(
            Opened.class, named("newFileChannel").and(takesArgument(0, Path.class)),
            Moved.class, named("move").and(takesArgument(0, Path.class)),
            Deleted.class, named("delete").and(takesArguments(Path.class)),
            DeletedIfThere.class, named("deleteIfExists").and(takesArguments(Path.class)),
            Made.class, named("createDirectories").and(takesArguments(Path.class)),
            Cut.class, named("truncateFile")));
    put(
        in,
        worker,
        Map.of(
            Forced.class, named("postUpdateFlushedIndex"),
            WillCut.class, named("truncate").and(takesArguments(2))));
    put(in, InProcessRpc.class.getName(), Map.of(Voted.class, named("requestVote")));
    put(in, ReplicaServer.class.getName(), Map.of(Removed.class, named("remove")));
  }

  private static void put(
      Instrumentation in,
      String className,
      Map<Class<?>, ElementMatcher<? super MethodDescription>> advices) {
    ClassFileLocator locator =
        ClassFileLocator.ForClassLoader.of(JournalMirror.class.getClassLoader());
    new AgentBuilder.Default()
        .disableClassFormatChanges()
        .with(AgentBuilder.RedefinitionStrategy.RETRANSFORMATION)
        .with(AgentBuilder.Listener.StreamWriting.toSystemOut().withErrorsOnly())
        .type(named(className))
        .transform(
            (builder, type, loader, module, domain) -> {
              for (var advice : advices.entrySet()) {
                builder = builder.visit(Advice.to(advice.getKey(), locator).on(advice.getValue()));
              }
              return builder;
            })
        .installOn(in);
  }

  private static Mirrored of(Path path) {
    for (Map.Entry<Path, Mirrored> each : MIRRORED.entrySet()) {
      if (path.startsWith(each.getKey())) {
        return each.getValue();
      }
    }
    return null;
  }

  /** Ratis has opened a file. */
  public static FileChannel opened(Path path, OpenOption[] options, FileChannel channel)
      throws IOException {
    List<OpenOption> asked = List.of(options);
    Mirrored mirrored = of(path);
    if (mirrored == null || !asked.contains(StandardOpenOption.WRITE)) {
      return channel;
    }
    boolean there = mirrored.model.exists(path);
    DiskFile file = mirrored.model.open(path, there ? OpenMode.READ_WRITE : OpenMode.CREATE);
    if (there && asked.contains(StandardOpenOption.TRUNCATE_EXISTING) && file.sizeBytes() > 0) {
      file.truncate(0);
    }
    return new MirroredChannel(channel, file);
  }

  /** Ratis has renamed a file. */
  public static void moved(Path from, Path to) throws IOException {
    Mirrored mirrored = of(from);
    if (mirrored != null) {
      mirrored.model.rename(from, to);
    }
  }

  /** Ratis has deleted a file. */
  public static void deleted(Path path) throws IOException {
    Mirrored mirrored = of(path);
    if (mirrored != null) {
      mirrored.model.delete(path);
    }
  }

  /** Ratis has made a directory. */
  public static void made(Path path) throws IOException {
    Mirrored mirrored = of(path);
    if (mirrored != null) {
      mirrored.model.createDirectories(path);
    }
  }

  /** Ratis has cut a file. */
  public static void cut(Path path, long sizeBytes) throws IOException {
    Mirrored mirrored = of(path);
    if (mirrored != null) {
      try (DiskFile file = mirrored.model.open(path, OpenMode.READ_WRITE)) {
        if (sizeBytes < file.sizeBytes()) {
          file.truncate(sizeBytes);
        }
      }
    }
  }

  /** A journal counts as forced up to an index. */
  public static void forced(RaftStorage storage, long index) {
    Path journal = storage.getStorageDir().getCurrentDir().toPath();
    Mirrored mirrored = of(journal);
    if (mirrored != null) {
      mirrored.witness.forced(journal, index);
    }
  }

  /** A journal is going to be cut from an index on. */
  public static void willCut(RaftStorage storage, long from) {
    Path journal = storage.getStorageDir().getCurrentDir().toPath();
    Mirrored mirrored = of(journal);
    if (mirrored != null) {
      mirrored.witness.cut(journal, from - 1);
    }
  }

  /** A replica is about to be taken out of its server. */
  public static void removed(BaseStateMachine replica) {
    RaftServer.Division division = ((GroupReplica) replica).division();
    Path journal = division.getRaftStorage().getStorageDir().getCurrentDir().toPath();
    Mirrored mirrored = of(journal);
    if (mirrored != null) {
      mirrored.witness.replaced(journal);
    }
  }

  /** A candidate has got an answer, and with it the vote of a member and its own. */
  public static void voted(RequestVoteRequestProto request, RequestVoteReplyProto reply) {
    if (request.getPreVote() || reply == null || !reply.getServerReply().getSuccess()) {
      return;
    }
    String group =
        ProtoUtils.toRaftGroupId(request.getServerRequest().getRaftGroupId()).getUuid().toString();
    String candidate = request.getServerRequest().getRequestorId().toStringUtf8();
    String voter = request.getServerRequest().getReplyId().toStringUtf8();
    for (Mirrored mirrored : MIRRORED.values()) {
      mirrored.witness.voted(group, voter, request.getCandidateTerm(), candidate);
      mirrored.witness.voted(group, candidate, request.getCandidateTerm(), candidate);
    }
  }

  /** Advice: see {@link #opened}. */
  static final class Opened {
    @Advice.OnMethodExit
    static void exit(
        @Advice.Argument(0) Path path,
        @Advice.Argument(1) OpenOption[] options,
        @Advice.Return(readOnly = false) FileChannel channel)
        throws IOException {
      channel = JournalMirror.opened(path, options, channel);
    }
  }

  /** Advice: see {@link #moved}. */
  static final class Moved {
    @Advice.OnMethodExit
    static void exit(@Advice.Argument(0) Path from, @Advice.Argument(1) Path to)
        throws IOException {
      JournalMirror.moved(from, to);
    }
  }

  /** Advice: see {@link #deleted}. */
  static final class Deleted {
    @Advice.OnMethodExit
    static void exit(@Advice.Argument(0) Path path) throws IOException {
      JournalMirror.deleted(path);
    }
  }

  /** Advice: see {@link #deleted}. */
  static final class DeletedIfThere {
    @Advice.OnMethodExit
    static void exit(@Advice.Argument(0) Path path) throws IOException {
      JournalMirror.deleted(path);
    }
  }

  /** Advice: see {@link #made}. */
  static final class Made {
    @Advice.OnMethodExit
    static void exit(@Advice.Argument(0) Path path) throws IOException {
      JournalMirror.made(path);
    }
  }

  /** Advice: see {@link #cut}. */
  static final class Cut {
    @Advice.OnMethodExit
    static void exit(@Advice.Argument(0) File file, @Advice.Argument(1) long sizeBytes)
        throws IOException {
      JournalMirror.cut(file.toPath(), sizeBytes);
    }
  }

  /** Advice: see {@link #forced}. */
  static final class Forced {
    @Advice.OnMethodEnter
    static void enter(
        @Advice.FieldValue("storage") RaftStorage storage,
        @Advice.FieldValue("flushIndex") RaftLogIndex flushIndex) {
      JournalMirror.forced(storage, flushIndex.get());
    }
  }

  /** Advice: see {@link #willCut}. */
  static final class WillCut {
    @Advice.OnMethodEnter
    static void enter(
        @Advice.FieldValue("storage") RaftStorage storage, @Advice.Argument(1) long from) {
      JournalMirror.willCut(storage, from);
    }
  }

  /** Advice: see {@link #removed}. */
  static final class Removed {
    @Advice.OnMethodEnter
    static void enter(@Advice.Argument(0) BaseStateMachine replica) {
      JournalMirror.removed(replica);
    }
  }

  /** Advice: see {@link #voted}. */
  static final class Voted {
    @Advice.OnMethodExit
    static void exit(
        @Advice.Argument(0) RequestVoteRequestProto request,
        @Advice.Return RequestVoteReplyProto reply) {
      JournalMirror.voted(request, reply);
    }
  }
}

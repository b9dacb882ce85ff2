package io.ottla.torture.damage;

import io.ottla.testkit.Api;
import io.ottla.torture.damage.BaseDeployment.Variant;
import io.ottla.torture.run.Insistence;
import io.ottla.torture.run.Trees;
import io.ottla.torture.run.Workspace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One start of the server on damaged files, and what it makes of them. Immutable.
 *
 * @param number names its directory
 * @param mode what may be expected
 * @param done what was damaged, and how
 */
record DamageCase(int number, Mode mode, Variant base, List<Done> done) {
  private static final Duration HEAL_WITHIN = Duration.ofSeconds(60);
  private static final Duration REFUSE_WITHIN = Duration.ofSeconds(20);

  /** Who is damaged. */
  enum Mode {
    /** One broker of three; the others have everything. */
    ONE,
    /** One broker of three, and another was stopped before the last writes. */
    LAGGING,
    /** Two brokers of three, the same things. */
    TWO,
    /** What all brokers of a process share. */
    PROCESS;

    String title() {
      return switch (this) {
        case ONE -> "one broker";
        case LAGGING -> "one broker, another lags";
        case TWO -> "two brokers";
        case PROCESS -> "shared";
      };
    }
  }

  /** A damage that was done. */
  record Done(DamageTarget target, Damage damage, String what) {
    @Override
    public String toString() {
      return target.path() + ": " + what;
    }
  }

  /** What came of a case. */
  sealed interface Result {
    /** Everything is there again, and every replica is whole. */
    record Healed(Duration time) implements Result {}

    /** Refused with a clear word; nothing wrong was shown. */
    record Refused(String word) implements Result {}

    /** The promise is broken, or nobody heals it. */
    record Failed(String what) implements Result {}
  }

  /** Starts the server on the damaged copy. */
  Result judge(Workspace workspace) throws IOException, InterruptedException {
    Path directory = directory(workspace);
    try (DamagedServer server = DamagedServer.launch(directory, directory.resolve("data"))) {
      String notListening = server.await(server::notListening, HEAL_WITHIN);
      if (!notListening.isEmpty()) {
        return notStarted(server, notListening);
      }
      return mode == Mode.TWO ? judgeTwo(server) : judgeOne(server);
    } catch (WrongException e) {
      return new Result.Failed(e.getMessage());
    }
  }

  Path directory(Workspace workspace) {
    return workspace.resolve("case-" + number);
  }

  void remove(Workspace workspace) throws IOException {
    Trees.delete(directory(workspace));
  }

  /** Only what there is once may keep a server from starting, and its name must be told. */
  private Result notStarted(DamagedServer server, String why) throws IOException {
    String printed = server.printed();
    if (mode == Mode.PROCESS && server.hasEnded() && server.exitCode() == 1) {
      String name = done.getFirst().target().path().getFileName().toString();
      boolean named = printed.contains(name);
      return named
          ? new Result.Refused("does not start, and names " + name)
          : new Result.Failed("does not start, and does not name " + name + ": " + tail(printed));
    }
    return new Result.Failed("does not start: " + why + ": " + tail(printed));
  }

  private static String tail(String printed) {
    return printed.substring(Math.max(0, printed.length() - 600)).strip();
  }

  private Result judgeOne(DamagedServer server) throws IOException, InterruptedException {
    String missing = server.await(server::notReady, HEAL_WITHIN);
    if (!missing.isEmpty()) {
      return new Result.Failed("not ready: " + missing);
    }
    missing = server.await(() -> notRight(server.api()), HEAL_WITHIN);
    if (!missing.isEmpty()) {
      return new Result.Failed(missing);
    }
    missing = server.await(server::notWhole, HEAL_WITHIN);
    if (!missing.isEmpty()) {
      return new Result.Failed("not healed: " + missing);
    }
    Duration healed = server.age();
    String wrong = lastLook(server.api());
    return wrong.isEmpty() ? new Result.Healed(healed) : new Result.Failed(wrong);
  }

  /** What is refused may become right; what is wrong may not. */
  private String notRight(Api api) throws IOException, InterruptedException {
    for (Expected.Shown shown : look(api)) {
      if (shown instanceof Expected.Shown.Wrong wrong) {
        throw new WrongException(wrong.what());
      }
      if (shown instanceof Expected.Shown.Refused refused) {
        return "refused: " + refused.word();
      }
    }
    return "";
  }

  private List<Expected.Shown> look(Api api) throws IOException, InterruptedException {
    List<Expected.Shown> shown = new ArrayList<>();
    for (var topic : BaseDeployment.TOPICS.entrySet()) {
      for (int partition = 0; partition < topic.getValue(); partition++) {
        shown.add(base.expected().show(api, topic.getKey(), partition));
      }
    }
    shown.add(base.expected().showCommits(api, BaseDeployment.GROUP, BaseDeployment.GROUP_TOPIC));
    return shown;
  }

  /** After healing everything is still right, and every partition can be written. */
  private String lastLook(Api api) throws IOException, InterruptedException {
    String wrong = notRight(api);
    for (var topic : BaseDeployment.TOPICS.entrySet()) {
      for (int partition = 0; wrong.isEmpty() && partition < topic.getValue(); partition++) {
        var event =
            Api.object()
                .put("topic", topic.getKey())
                .put("partition", partition)
                .put("value", "after");
        Api.Reply reply = Insistence.post(api, "/events", event);
        long expected = base.expected().events().get(topic.getKey()).get(partition).size();
        if (reply.status() != 201) {
          wrong = topic.getKey() + "-" + partition + " cannot be written: " + reply;
        } else if (reply.body().path("offset").asLong() < expected) {
          wrong = topic.getKey() + "-" + partition + " gives an offset again: " + reply;
        }
      }
    }
    return wrong;
  }

  private Result judgeTwo(DamagedServer server) throws IOException, InterruptedException {
    String notReady = server.await(server::notReady, REFUSE_WITHIN);
    String refused = notReady.isEmpty() ? "" : "not ready: " + notReady;
    for (Expected.Shown shown : look(server.api())) {
      switch (shown) {
        case Expected.Shown.Wrong wrong -> {
          return new Result.Failed((notReady.isEmpty() ? "ready, and " : "") + wrong.what());
        }
        case Expected.Shown.Refused word -> refused = word.word();
        case Expected.Shown.Right _ -> {}
      }
    }
    return refused.isEmpty() ? new Result.Healed(server.age()) : new Result.Refused(refused);
  }
}

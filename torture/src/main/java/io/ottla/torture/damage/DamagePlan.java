package io.ottla.torture.damage;

import io.ottla.torture.damage.BaseDeployment.Variant;
import io.ottla.torture.damage.DamageCase.Done;
import io.ottla.torture.damage.DamageCase.Mode;
import io.ottla.torture.run.Trees;
import io.ottla.torture.run.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Chooses the cases: what was damaged least often so far comes first, and a case has as many
 * damages as do not touch each other, at most one for each group's journal, each group's
 * checkpoints and each partition. One owner.
 */
final class DamagePlan {
  private static final int BROKERS = 3;
  private static final int MOST_PER_CASE = 14;

  /** One case in so many is for what all of a broker shares, which is damaged alone. */
  private static final int ALONE_ONE_IN = 4;

  private final Workspace workspace;
  private final BaseDeployment base;
  private final SplittableRandom random;
  private final Map<String, Integer> used = new HashMap<>();
  private int cases;

  /** A kind of target and what is done to it. */
  private record Choice(DamageTarget target, Damage damage, int uses, int tie) {}

  DamagePlan(Workspace workspace, BaseDeployment base, SplittableRandom random) {
    this.workspace = workspace;
    this.base = base;
    this.random = random;
  }

  /** The next case; its copy of the deployment is there, and damaged. */
  DamageCase next() throws IOException {
    int chance = random.nextInt(20);
    if (chance < 2) {
      return make(Mode.PROCESS, base.whole(), List.of(0));
    }
    if (chance < 5) {
      int first = random.nextInt(BROKERS);
      int second = (first + 1 + random.nextInt(BROKERS - 1)) % BROKERS;
      return make(Mode.TWO, base.whole(), List.of(first + 1, second + 1));
    }
    boolean lagging = chance < 12;
    Variant variant = lagging ? base.lagging() : base.whole();
    int broker = 1 + random.nextInt(BROKERS);
    while (broker == variant.laggard()) {
      broker = 1 + random.nextInt(BROKERS);
    }
    return make(lagging ? Mode.LAGGING : Mode.ONE, variant, List.of(broker));
  }

  private DamageCase make(Mode mode, Variant variant, List<Integer> brokers) throws IOException {
    DamageCase made = new DamageCase(cases++, mode, variant, new ArrayList<>());
    Path data = made.directory(workspace).resolve("data");
    Trees.copy(variant.data(), data);
    DamageTargets targets = new DamageTargets(data, BaseDeployment.CLUSTER);
    List<DamageTarget> all =
        mode == Mode.PROCESS ? targets.ofTheProcess() : targets.ofBroker(brokers.getFirst());
    for (Choice choice : choose(mode, all)) {
      damage(made, data, choice, brokers);
    }
    return made;
  }

  /** The least used ones first; chance decides among equals. */
  private List<Choice> choose(Mode mode, List<DamageTarget> targets) {
    List<Choice> all = new ArrayList<>();
    for (DamageTarget target : targets) {
      for (Damage damage : Damage.values()) {
        if (!target.directory() || damage.fitsDirectories()) {
          int uses = used.getOrDefault(key(mode, target, damage), 0);
          all.add(new Choice(target, damage, uses, random.nextInt()));
        }
      }
    }
    all.sort(
        (one, other) ->
            one.uses() != other.uses()
                ? Integer.compare(one.uses(), other.uses())
                : Integer.compare(one.tie(), other.tie()));
    return independent(mode, all);
  }

  private List<Choice> independent(Mode mode, List<Choice> ordered) {
    boolean mayBeAlone = mode == Mode.PROCESS || random.nextInt(ALONE_ONE_IN) == 0;
    List<Choice> chosen = new ArrayList<>();
    Set<String> scopes = new HashSet<>();
    Set<String> kinds = new HashSet<>();
    for (Choice choice : ordered) {
      DamageTarget target = choice.target();
      boolean alone = target.isShared();
      if (alone && !mayBeAlone) {
        continue;
      }
      boolean again = !kinds.add(key(mode, target, choice.damage()));
      if (again || (alone && !chosen.isEmpty()) || !scopes.add(target.scope())) {
        continue;
      }
      chosen.add(choice);
      if (alone || chosen.size() == MOST_PER_CASE) {
        break;
      }
    }
    return chosen;
  }

  private static String key(Mode mode, DamageTarget target, Damage damage) {
    return mode + " " + target.kind() + " " + damage;
  }

  /** On the second broker the same file, if it has one of that name. */
  private void damage(DamageCase made, Path data, Choice choice, List<Integer> brokers)
      throws IOException {
    used.merge(key(made.mode(), choice.target(), choice.damage()), 1, Integer::sum);
    for (int broker : brokers) {
      DamageTarget target = onBroker(choice.target(), brokers.getFirst(), broker);
      Path path = data.resolve(target.path());
      if (Files.exists(path)) {
        Optional<String> what =
            choice.damage().apply(path, base.old().resolve(target.path()), random);
        what.ifPresent(word -> made.done().add(new Done(target, choice.damage(), word)));
      }
    }
  }

  private static DamageTarget onBroker(DamageTarget target, int named, int wanted) {
    String path = target.path().toString().replace("broker-" + named, "broker-" + wanted);
    return new DamageTarget(target.kind(), target.scope(), Path.of(path), target.directory());
  }

  /** The same case with only one of its damages, which are {@code done} as they were. */
  DamageCase alone(DamageCase failed, List<Done> done) throws IOException {
    DamageCase made = new DamageCase(cases++, failed.mode(), failed.base(), done);
    Path data = made.directory(workspace).resolve("data");
    Trees.copy(failed.base().data(), data);
    Path damaged = failed.directory(workspace).resolve("damaged");
    for (Done one : done) {
      Path path = one.target().path();
      Trees.delete(data.resolve(path));
      if (Files.exists(damaged.resolve(path))) {
        Trees.copy(damaged.resolve(path), data.resolve(path));
      }
    }
    return made;
  }

  /** Keeps what was damaged as it is before the start, so that it can be tried again. */
  void remember(DamageCase made) throws IOException {
    Path directory = made.directory(workspace);
    for (Done one : made.done()) {
      Path from = directory.resolve("data").resolve(one.target().path());
      Path to = directory.resolve("damaged").resolve(one.target().path());
      if (Files.exists(from)) {
        Files.createDirectories(to.getParent());
        Trees.copy(from, to);
      }
    }
  }
}

package io.ottla.groups;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.groups.GroupReply.Delivered;
import io.ottla.groups.GroupReply.PollPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random joins, polls, silences, commits, topic changes, refused rounds and fail-overs against what
 * must always be true. A failure names its seed: {@code -Dgroups.seed=…} replays it.
 */
class RandomGroupsTest {
  private static final int STEPS = 600;
  private static final List<String> TOPICS = List.of("a", "b", "c");

  static Stream<Long> seeds() {
    Long fixed = Long.getLong("groups.seed");
    return fixed != null
        ? Stream.of(fixed)
        : Stream.concat(
            Stream.of(1L, 2L, 3L, 4L),
            new Random().longs(Integer.getInteger("ottla.rounds", 4)).boxed());
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void nothingIsOwnedTwiceAndNoCommitGoesBack(long seed) throws Exception {
    try {
      new Run(seed).go();
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed, e);
    }
  }

  private static final class Run {
    private final Random random;
    private final World world = new World();

    private final Whereabouts whereabouts = new Whereabouts();
    private final Map<String, List<Cursor>> cursors = new HashMap<>();
    private final Map<String, Integer> generations = new HashMap<>();

    Run(long seed) {
      random = new Random(seed);
      world.topic("a", 6).topic("b", 1);
    }

    void go() throws Exception {
      for (int i = 0; i < STEPS; i++) {
        step();
        check();
        if (random.nextInt(3) == 0) {
          whereabouts.applied(world.apply(world.pending()));
          checkApplied();
        }
      }
      settle();
    }

    private void step() {
      String group = "g" + random.nextInt(2);
      String member = "m" + random.nextInt(6);
      switch (random.nextInt(20)) {
        case 0, 1, 2, 3, 4, 5 -> poll(group, member);
        case 6, 7, 8, 9 -> deliver(group, member);
        case 10 -> commitPosition(group, member);
        case 11 -> commitCursor(group, member);
        case 12 -> commitExactly(group, member);
        case 13 ->
            keepsCommits(
                () -> world.coordinator.leave(new GroupRequest.Leave(group, member), world));
        case 14 -> {
          world.nowMs += random.nextInt(30_000);
          keepsCommits(() -> world.coordinator.tick(world, world.nowMs));
        }
        case 15 ->
            keepsCommits(
                () ->
                    world.coordinator.heartbeat(
                        new GroupRequest.Heartbeat(group, member), world, world.nowMs));
        case 16 -> changeTopics();
        case 17 -> {
          whereabouts.applied(world.apply(random.nextInt(world.pending() + 1)));
          if (random.nextInt(3) == 0) {
            world.applyPartly(random);
          }
          if (random.nextBoolean()) {
            world.refuse();
            whereabouts.refused();
          } else {
            world.failOver();
            whereabouts.forget();
          }
          generations.clear();
        }
        case 18 -> seek(group, member);
        default -> {
          if (random.nextInt(3) == 0) {
            delete(group);
          } else {
            reset(group);
          }
        }
      }
    }

    private void poll(String group, String member) {
      List<Cursor> known = cursors.getOrDefault(group + member, List.of());
      Optional<Cursor> cursor =
          known.isEmpty() || random.nextInt(4) > 0
              ? Optional.empty()
              : Optional.of(known.get(random.nextInt(known.size())));
      List<String> topics =
          random.nextInt(4) > 0 ? List.of() : List.of(TOPICS.get(random.nextInt(3)), "a");
      Subscription subscription =
          new Subscription(
              topics.isEmpty() ? List.of("a") : topics,
              random.nextBoolean() ? StartFrom.EARLIEST : StartFrom.LATEST,
              20_000,
              random.nextBoolean());
      GroupRequest.Poll request =
          new GroupRequest.Poll(
              group, member, topics, Optional.of(subscription), Optional.empty(), 500, cursor, 0);
      Map<TopicPartition, Session.Position> from =
          cursor.isPresent()
              ? Whereabouts.places(cursor.get(), group(group).member(member))
              : whereabouts.of(group + member);
      var decision = keepsCommits(() -> world.coordinator.poll(request, world, world, world.nowMs));
      if (decision.outcome() instanceof Decision.Granted<PollPlan>(PollPlan plan)) {
        checkGoesOn(from, plan);
        from.putAll(Whereabouts.positions(plan));
        whereabouts.moved(group + member, from, decision, Optional.of(plan));
      }
    }

    /** No event is passed over and none comes twice while the ownership is the same. */
    private void checkGoesOn(Map<TopicPartition, Session.Position> from, PollPlan plan) {
      Whereabouts.positions(plan)
          .forEach(
              (partition, now) -> {
                Session.Position last = from.get(partition);
                long expected =
                    last != null && last.epoch() == now.epoch()
                        ? last.nextOffset()
                        : group(plan.group()).offset(partition).orElseThrow().offset();
                assertThat(now.nextOffset()).as("position of %s", partition).isEqualTo(expected);
              });
    }

    private void start(String name, PollPlan plan) {
      Map<TopicPartition, Long> starts = new HashMap<>();
      plan.starts().keySet().forEach(p -> starts.put(p, (long) random.nextInt(50)));
      Group before = group(plan.group());
      var decision = keepsCommits(() -> world.coordinator.started(plan, starts, world.nowMs));
      if (decision.outcome() instanceof Decision.Granted<PollPlan>(PollPlan started)) {
        var now = whereabouts.of(name);
        starts.forEach(
            (p, offset) -> {
              int epoch = plan.membership().assigned().get(p).epoch();
              if (before.offset(p).isEmpty()
                  && before.member(plan.memberId()).orElseThrow().owns(p, epoch)) {
                now.put(p, new Session.Position(epoch, offset)); // also of what is to move by now
              }
            });
        checkGoesOn(now, started);
        now.putAll(Whereabouts.positions(started));
        whereabouts.moved(name, now, decision, Optional.of(started));
      }
    }

    private void deliver(String group, String member) {
      Optional<PollPlan> begun = whereabouts.plan(group + member);
      if (begun.isPresent() && !begun.get().starts().isEmpty()) {
        start(group + member, begun.get());
        begun = whereabouts.plan(group + member);
      }
      if (begun.isEmpty()) {
        return;
      }
      PollPlan plan = begun.get();
      Map<TopicPartition, Long> next = new HashMap<>();
      plan.positions().forEach((p, offset) -> next.put(p, Math.min(1_000, offset + 7)));
      var decision = keepsCommits(() -> world.coordinator.delivered(plan, next, world.nowMs));
      if (decision.outcome() instanceof Decision.Granted<Delivered>(Delivered delivered)) {
        assertThat(delivered.membership().generation())
            .as("told is what is applied")
            .isLessThanOrEqualTo(world.table.group(group).orElseThrow().generation());
        cursors.computeIfAbsent(group + member, _ -> new ArrayList<>()).add(delivered.cursor());
        var now = whereabouts.of(group + member);
        var given = Whereabouts.places(plan.membership(), next);
        given.keySet().retainAll(delivered.accepted());
        now.putAll(given);
        assertThat(now)
            .as("what was given, and where it was")
            .containsAllEntriesOf(
                Whereabouts.places(
                    delivered.cursor(), world.table.group(group).orElseThrow().member(member)));
        whereabouts.given(group + member, now);
        assertThat(Cursor.decode(delivered.cursor().encode())).contains(delivered.cursor());
      }
    }

    private void commitPosition(String group, String member) {
      keepsCommits(
          () ->
              world.coordinator.commit(
                  new GroupRequest.CommitPosition(group, member), world, world, world.nowMs));
    }

    private void commitCursor(String group, String member) {
      List<Cursor> known = cursors.getOrDefault(group + member, List.of());
      if (known.isEmpty()) {
        return;
      }
      Cursor cursor = known.get(random.nextInt(known.size()));
      Group before = group(group);
      var decision =
          keepsCommits(
              () ->
                  world.coordinator.commit(
                      new GroupRequest.CommitCursor(group, member, cursor),
                      world,
                      world,
                      world.nowMs));
      if (decision.outcome() instanceof Decision.Granted) {
        cursor
            .places()
            .forEach(
                (p, place) ->
                    assertThat(
                            world.withId(p.topicId()).isEmpty()
                                || before.member(member).orElseThrow().owns(p, place.epoch()))
                        .as("%s of %s commits what it owns", member, p)
                        .isTrue());
      }
    }

    private void commitExactly(String group, String member) {
      TopicPartition partition = world.partition("a", random.nextInt(6));
      boolean owns =
          group(group).member(member).map(m -> m.owned().containsKey(partition)).orElse(false);
      var offsets =
          new TreeMap<>(
              Map.of(partition, new GroupRequest.Target("a", random.nextInt(100), "note")));
      var decision =
          world.decided(
              world.coordinator.commit(
                  new GroupRequest.CommitOffsets(group, member, offsets), world, world.nowMs));
      assertThat(decision.outcome() instanceof Decision.Granted).isEqualTo(owns);
    }

    private void seek(String group, String member) {
      var offsets = new TreeMap<>(Map.of(world.partition("a", 0), (long) random.nextInt(500)));
      var decision =
          keepsCommits(
              () ->
                  world.coordinator.seek(
                      new GroupRequest.Seek(group, member, offsets), world, world.nowMs));
      if (decision.outcome() instanceof Decision.Granted) {
        var now = whereabouts.of(group + member);
        Member seeker = group(group).member(member).orElseThrow();
        offsets.forEach(
            (p, offset) -> now.put(p, new Session.Position(seeker.owned().get(p).epoch(), offset)));
        whereabouts.moved(group + member, now, decision, Optional.empty());
      }
    }

    private void reset(String group) {
      boolean active = group(group).hasActiveMembers();
      var offsets =
          new TreeMap<>(
              Map.of(world.partition("a", 1), new GroupRequest.Target("a", random.nextInt(9), "")));
      var decision =
          world.decided(
              world.coordinator.reset(new GroupRequest.Reset(group, offsets), world, world.nowMs));
      assertThat(decision.outcome() instanceof Decision.Denied).isEqualTo(active);
    }

    private void delete(String group) {
      Group before = group(group);
      var decision = world.decided(world.coordinator.delete(new GroupRequest.Delete(group)));
      assertThat(decision.outcome() instanceof Decision.Granted)
          .isEqualTo(!before.isEmpty() && !before.hasActiveMembers());
      if (decision.outcome() instanceof Decision.Granted) {
        assertThat(group(group).isEmpty()).isTrue();
        generations.remove(group);
        before
            .members()
            .keySet()
            .forEach(
                member -> whereabouts.moved(group + member, Map.of(), decision, Optional.empty()));
      }
    }

    private void changeTopics() {
      switch (random.nextInt(4)) {
        case 0 -> world.topic("c", 1 + random.nextInt(4));
        case 1 -> world.deleteTopic("c");
        case 2 -> world.topic("a", world.named("a").orElseThrow().partitions() + 1);
        default -> world.lag(random.nextBoolean());
      }
    }

    /** Runs a decision that may raise commits and drop those of deleted topics, nothing else. */
    private <T> Decision<T> keepsCommits(Supplier<Decision<T>> decide) {
      Map<String, Group> before = groups();
      Decision<T> decision = world.decided(decide.get());
      Map<String, Group> partly = new TreeMap<>(before);
      for (GroupRecord record : decision.records()) {
        Group group = partly.getOrDefault(record.group(), Group.empty(record.group()));
        partly.put(record.group(), group.with(record));
        checkOwners(partly.get(record.group()));
      }
      Map<String, Group> after = groups();
      before.forEach(
          (name, group) ->
              group
                  .offsets()
                  .forEach(
                      (partition, old) -> {
                        if (world.withId(partition.topicId()).isPresent()) {
                          assertThat(after.get(name).offset(partition).orElseThrow().offset())
                              .as("commit of %s in %s", name, partition)
                              .isGreaterThanOrEqualTo(old.offset());
                        }
                      }));
      return decision;
    }

    private void check() {
      for (Group group : groups().values()) {
        checkOwners(group);
        int last = generations.getOrDefault(group.name(), 0);
        assertThat(group.generation()).isGreaterThanOrEqualTo(last);
        generations.put(group.name(), group.generation());
      }
    }

    /** True also between the records of one decision: a round may end there. */
    private static void checkOwners(Group group) {
      Set<TopicPartition> owned = new HashSet<>();
      for (Member member : group.members().values()) {
        member
            .owned()
            .forEach(
                (partition, ownership) -> {
                  assertThat(owned.add(partition)).as("one owner of %s", partition).isTrue();
                  assertThat(ownership.epoch()).isLessThanOrEqualTo(group.generation());
                });
      }
    }

    private void checkApplied() throws Exception {
      Map<String, Group> applied = new TreeMap<>();
      world.table.groups().forEach(group -> applied.put(group.name(), group));
      assertThat(applied).isEqualTo(groups());
      if (random.nextInt(10) > 0) {
        return;
      }
      byte[] dump = world.table.capture().toBytes();
      GroupTable loaded = new GroupTable();
      loaded.load(dump);
      assertThat(loaded.capture().toBytes()).isEqualTo(dump);
      loaded.groups().forEach(group -> assertThat(group).isEqualTo(applied.get(group.name())));
    }

    /** When nothing changes any more, every partition gets an owner and the loads are even. */
    private void settle() {
      world.lag(false);
      world.apply();
      for (int round = 0; round < 6; round++) {
        for (String group : List.of("g0", "g1")) {
          for (int i = 0; i < 3; i++) {
            world.poll(World.polling(group, "m" + i, "a"), 1);
          }
        }
        world.nowMs += 10_000;
        world.granted(world.coordinator.tick(world, world.nowMs));
        check();
      }
      for (Group group : groups().values()) {
        Set<TopicPartition> owned = new TreeSet<>();
        group.members().values().stream()
            .filter(Member::active)
            .forEach(member -> owned.addAll(member.owned().keySet()));
        int partitions = world.named("a").orElseThrow().partitions();
        assertThat(owned.stream().filter(p -> p.topicId().equals(world.named("a").get().id())))
            .hasSize(partitions);
        assertThat(
                group.members().values().stream()
                    .flatMap(m -> m.owned().values().stream())
                    .filter(Ownership::revoking))
            .isEmpty();
      }
    }

    private Group group(String name) {
      return world.coordinator.decided().group(name).orElse(Group.empty(name));
    }

    private Map<String, Group> groups() {
      Map<String, Group> all = new TreeMap<>();
      world.coordinator.decided().groups().forEach(group -> all.put(group.name(), group));
      return all;
    }
  }
}

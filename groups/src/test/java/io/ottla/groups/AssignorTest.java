package io.ottla.groups;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class AssignorTest {
  private static final UUID TOPIC = new UUID(1, 1);

  @Test
  void aJoinMovesAsFewPartitionsAsBalanceNeeds() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int run = 0; run < 200; run++) {
      int partitions = 1 + random.nextInt(40);
      int members = 1 + random.nextInt(12);
      SortedMap<TopicPartition, String> before = assign(partitions, members, Map.of());
      SortedMap<TopicPartition, String> after = assign(partitions, members + 1, before);

      long moved =
          before.entrySet().stream()
              .filter(e -> !after.get(e.getKey()).equals(e.getValue()))
              .count();
      assertThat(moved).as("seed %d", seed).isEqualTo(partitions / (members + 1));
      checkEven(after, partitions, members + 1, seed);
      SortedMap<TopicPartition, String> left = assign(partitions, members, after);
      checkEven(left, partitions, members, seed);
    }
  }

  @Test
  void membersOfDifferentTopicsAreBalancedWhereTheyShareOne() {
    UUID other = new UUID(2, 2);
    SortedMap<UUID, Integer> partitions = new TreeMap<>(Map.of(TOPIC, 4, other, 4));
    Map<UUID, SortedSet<String>> subscribers = new HashMap<>();
    subscribers.put(TOPIC, new TreeSet<>(List.of("1", "2")));
    subscribers.put(other, new TreeSet<>(List.of("2")));

    var owners = Assignor.assign(partitions, subscribers, Map.of());

    assertThat(owners.values().stream().filter("1"::equals)).hasSize(4);
    assertThat(owners.values().stream().filter("2"::equals)).hasSize(4);
    assertThat(owners).hasSize(8);
  }

  @Test
  void aThousandMembersComeAndGoInReasonableTime() {
    World world = new World().topic("liked", 100);
    for (int i = 0; i < 1_000; i++) {
      world.granted(
          world.coordinator.join(
              new GroupRequest.Join("g", "m" + i, World.to("liked")), world, world.nowMs));
    }
    for (int i = 0; i < 900; i++) {
      world.granted(world.coordinator.leave(new GroupRequest.Leave("g", "m" + i), world));
    }
    for (int round = 0; round < 3; round++) {
      for (int i = 900; i < 1_000; i++) {
        world.poll(World.polling("g", "m" + i), 0);
      }
    }

    Group group = world.table.group("g").orElseThrow();
    assertThat(group.members()).hasSize(100);
    assertThat(group.members().values()).allSatisfy(m -> assertThat(m.owned()).hasSize(1));
  }

  private static SortedMap<TopicPartition, String> assign(
      int partitions, int members, Map<TopicPartition, String> before) {
    SortedSet<String> ids = new TreeSet<>();
    for (int i = 0; i < members; i++) {
      ids.add("m" + i);
    }
    Map<TopicPartition, Assignor.Holder> holders = new HashMap<>();
    before.forEach((p, id) -> holders.put(p, new Assignor.Holder(id, false)));
    return Assignor.assign(new TreeMap<>(Map.of(TOPIC, partitions)), Map.of(TOPIC, ids), holders);
  }

  private static void checkEven(
      SortedMap<TopicPartition, String> owners, int partitions, int members, long seed) {
    assertThat(owners).as("seed %d", seed).hasSize(partitions);
    Map<String, Integer> loads = new HashMap<>();
    for (int i = 0; i < members; i++) {
      loads.put("m" + i, 0);
    }
    owners.values().forEach(id -> loads.merge(id, 1, Integer::sum));
    IntSummaryStatistics summary = loads.values().stream().mapToInt(n -> n).summaryStatistics();
    assertThat(summary.getMax() - summary.getMin()).as("seed %d", seed).isLessThanOrEqualTo(1);
  }
}

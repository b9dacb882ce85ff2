package io.ottla.torture.damage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamageTargetsTest {
  @TempDir private Path data;

  @Test
  void everyFileIsATargetOfItsKind() throws IOException {
    for (String name :
        new String[] {
          "broker.json",
          "catalog.db",
          "raft/g1/current/log_0-5",
          "raft/g1/current/log_inprogress_6",
          "raft/g1/current/raft-meta",
          "raft/g1/current/brand-new",
          "checkpoints/0/00000000000000000050.checkpoint",
          "checkpoints/0/00000000000000000090.checkpoint",
          "topics/orders-0/00000000000000000000.log",
          "topics/orders-0/00000000000000000100.log",
          "topics/orders-0/00000000000000000000.index",
          "topics/orders-0/partition.metadata",
          "topics/__consumer_offsets-0/00000000000000000000.log"
        }) {
      Path file = data.resolve("c/broker-1").resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "x");
    }

    Map<String, String> kinds = new TreeMap<>();
    for (DamageTarget target : new DamageTargets(data, "c").ofBroker(1)) {
      kinds.put(target.kind(), target.scope());
    }

    assertThat(kinds)
        .containsEntry("broker directory", DamageTarget.BROKER)
        .containsEntry("broker.json", DamageTarget.BROKER)
        .containsEntry("catalog.db", DamageTarget.BROKER)
        .containsEntry("journal directory", "raft/g1")
        .containsEntry("journal closed", "raft/g1")
        .containsEntry("journal open", "raft/g1")
        .containsEntry("raft-meta", "raft/g1")
        .containsEntry("brand-new", "raft/g1")
        .containsEntry("checkpoints directory", "checkpoints/0")
        .containsEntry("checkpoint newest", "checkpoints/0")
        .containsEntry("checkpoint older", "checkpoints/0")
        .containsEntry("partition directory", "topics/orders-0")
        .containsEntry("segment last", "topics/orders-0")
        .containsEntry("segment closed", "topics/orders-0")
        .containsEntry("index", "topics/orders-0")
        .containsEntry("partition.metadata", "topics/orders-0")
        .containsEntry("offsets segment last", "topics/__consumer_offsets-0")
        .hasSize(17);
  }

  @Test
  void whatTheProcessSharesIsATargetIfItIsThere() throws IOException {
    Files.writeString(data.resolve("deployment.json"), "{}");

    assertThat(new DamageTargets(data, "c").ofTheProcess())
        .extracting(DamageTarget::kind)
        .containsExactly("deployment.json");
  }
}

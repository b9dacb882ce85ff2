package io.ottla.broker.produce;

import io.ottla.broker.PartitionWaiters.PartitionId;
import io.ottla.broker.store.DataCommand;
import io.ottla.broker.store.DataEntry;
import io.ottla.log.Compression;
import io.ottla.log.RecordBatchBuilder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Packs what was taken from the queue into one entry. Small shares of a partition become one batch;
 * a share that was built alone stays a batch of its own. Used once, by the round's thread.
 */
final class Round {
  private final BatchBuilders builders;
  private final List<DataCommand> commands = new ArrayList<>();
  private final Map<PartitionId, OpenBatch> open = new HashMap<>();

  /** A batch that small shares are added to; {@code index} is its command's place. */
  private record OpenBatch(int index, RecordBatchBuilder builder, Compression compression) {}

  private Round(BatchBuilders builders) {
    this.builders = builders;
  }

  /** The entry's payload; each item learns where in it its commands are. */
  static ByteBuffer pack(List<Queued> items, BatchBuilders builders) {
    Round round = new Round(builders);
    for (int i = 0; i < items.size(); i++) {
      switch (items.get(i)) {
        case PendingAppend append -> round.add(append);
        case PendingControl control -> round.add(control);
      }
    }
    round.finishOpenBatches();
    return DataEntry.encode(round.commands);
  }

  private void add(PendingControl control) {
    control.packedAt(commands.size());
    commands.addAll(control.commands());
  }

  private void add(PendingAppend append) {
    Share share = append.share();
    if (append.batch() != null) {
      append.packedAt(commands.size());
      commands.add(
          new DataCommand.Append(
              share.topicId(), share.partition(), append.batch(), share.claim()));
      return;
    }
    PartitionId id = new PartitionId(share.topicId(), share.partition());
    OpenBatch batch = open.get(id);
    if (batch == null) {
      batch =
          new OpenBatch(commands.size(), builders.borrow(share.compression()), share.compression());
      open.put(id, batch);
      commands.add(null); // its place; set when the batch is finished
    }
    append.packedAt(batch.index());
    append.firstRecordAt(BatchBuilders.append(batch.builder(), share));
  }

  private void finishOpenBatches() {
    open.forEach(
        (id, batch) -> {
          int usedBytes = batch.builder().uncompressedSizeBytes();
          ByteBuffer finished = batch.builder().build();
          builders.giveBack(batch.builder(), batch.compression(), usedBytes);
          commands.set(
              batch.index(),
              new DataCommand.Append(id.topicId(), id.partition(), finished, Optional.empty()));
        });
  }
}

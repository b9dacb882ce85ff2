package io.ottla.log;

import java.util.ArrayList;
import java.util.List;

/** The leaders' terms that appended what a log holds, with the first offset of each. Immutable. */
record EpochHistory(List<EpochStart> epochs) {
  EpochHistory {
    epochs = List.copyOf(epochs);
  }

  /** -1 if nothing was ever appended. */
  int latestEpoch() {
    return epochs.isEmpty() ? -1 : epochs.getLast().epoch();
  }

  /** The epoch that appended an offset of the log; -1 if nothing was ever appended. */
  int epochAt(long offset) {
    int epoch = epochs.isEmpty() ? -1 : epochs.getFirst().epoch();
    for (EpochStart start : epochs) {
      if (start.startOffset() > offset) {
        break;
      }
      epoch = start.epoch();
    }
    return epoch;
  }

  /** The history after an append; the same object if the epoch is the latest one. */
  EpochHistory withAppend(int epoch, long offset) {
    if (epoch == latestEpoch()) {
      return this;
    }
    if (epoch < latestEpoch()) {
      throw new IllegalStateException(
          "the leader's epoch goes back: epoch=%d latestEpoch=%d".formatted(epoch, latestEpoch()));
    }
    List<EpochStart> longer = new ArrayList<>(epochs);
    longer.add(new EpochStart(epoch, offset));
    return new EpochHistory(longer);
  }

  /** The history of what remains from {@code startOffset} on; the latest epoch is always kept. */
  EpochHistory trimmedTo(long startOffset) {
    int first = 0;
    while (first + 1 < epochs.size() && epochs.get(first + 1).startOffset() <= startOffset) {
      first++;
    }
    if (epochs.isEmpty() || epochs.get(first).startOffset() >= startOffset) {
      return this;
    }
    List<EpochStart> shorter = new ArrayList<>(epochs.subList(first, epochs.size()));
    shorter.set(0, new EpochStart(shorter.getFirst().epoch(), startOffset));
    return new EpochHistory(shorter);
  }
}

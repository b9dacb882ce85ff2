package io.ottla.log;

/**
 * What {@link PartitionLog#compact} is to do: rewrite a run of closed segments as one. Immutable.
 *
 * @param firstBaseOffset where the first of them begins
 * @param nextOffset where the first one behind them begins
 * @param compression of the new batches; it changes no record
 * @param kept which records stay, from {@code firstBaseOffset} on
 */
public record Compaction(
    long firstBaseOffset, long nextOffset, Compression compression, KeptOffsets kept) {}

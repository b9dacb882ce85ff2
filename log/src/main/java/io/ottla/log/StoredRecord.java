package io.ottla.log;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * One record as it is stored. Immutable: the buffers are read-only views whose position and limit
 * callers leave alone.
 *
 * @param offset its offset in the partition
 * @param timestampMs the event's own time, milliseconds since the epoch
 * @param key null if it has none; an empty key is a key
 * @param value null is a tombstone
 */
public record StoredRecord(
    long offset, long timestampMs, ByteBuffer key, ByteBuffer value, List<Header> headers) {}

package io.ottla.replication;

import java.nio.ByteBuffer;

/**
 * One committed entry of a group's journal, as {@link ReplicatedState#apply} sees it: the same on
 * every replica.
 *
 * @param index its index in the journal; grows from entry to entry, with gaps (the engine has
 *     entries of its own)
 * @param term the Raft term of the leader that decided it
 * @param appendTimeMs the leader's clock when it decided, milliseconds since the epoch: the only
 *     time that apply may use
 * @param payload what was submitted; read-only, valid only during the call
 */
public record Entry(long index, long term, long appendTimeMs, ByteBuffer payload) {}

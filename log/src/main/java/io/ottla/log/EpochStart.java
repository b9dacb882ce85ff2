package io.ottla.log;

/** A leader's term and the first offset that it appended. Immutable. */
public record EpochStart(int epoch, long startOffset) {}

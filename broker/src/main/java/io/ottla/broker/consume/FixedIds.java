package io.ottla.broker.consume;

/** The one name of a place where nothing came. Immutable. */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record FixedIds(byte[] start) implements EventIds {
  @Override
  public byte[] after(int index, long nextOffset) {
    throw new IllegalStateException("there are no events");
  }
}

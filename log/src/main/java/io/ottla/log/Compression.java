package io.ottla.log;

/** The codecs of a record batch, with Kafka's ids. */
public enum Compression {
  NONE(0),
  GZIP(1),
  SNAPPY(2),
  LZ4(3),
  ZSTD(4);

  private final int id;

  Compression(int id) {
    this.id = id;
  }

  /** The value of the lowest three bits of a batch's attributes. */
  public int id() {
    return id;
  }
}

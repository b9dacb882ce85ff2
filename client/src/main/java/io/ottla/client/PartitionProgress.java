package io.ottla.client;

/**
 * How far a group is in a partition. Immutable.
 *
 * @param topic the topic's name
 * @param partition the partition's number
 * @param owner the consumer that has it; null if nobody has, or where the server does not tell
 * @param position the next offset that will be given; null if there is none yet
 * @param committed the next offset to read after a restart; null if nothing was committed
 * @param endOffset of the next record that will come; null if it is not known
 * @param lag how far the commit is behind the end; null if that is not known
 */
public record PartitionProgress(
    String topic,
    int partition,
    Long owner,
    Long position,
    Long committed,
    Long endOffset,
    Long lag) {

  static PartitionProgress of(Fields fields) {
    return new PartitionProgress(
        fields.text("topic"),
        fields.integer("partition"),
        fields.optionalNumber("owner"),
        fields.optionalNumber("position"),
        fields.optionalNumber("committed"),
        fields.optionalNumber("end_offset"),
        fields.optionalNumber("lag"));
  }
}

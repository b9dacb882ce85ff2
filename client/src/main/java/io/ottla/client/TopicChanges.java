package io.ottla.client;

/**
 * What is to change about a topic. Immutable. What is null stays as it is.
 *
 * @param partitions more partitions than there are
 * @param retentionHours how long records stay; -1 for ever
 * @param retentionBytes how many bytes of a partition stay; -1 for all
 * @param compression how records are compressed from now on
 */
public record TopicChanges(
    Integer partitions, Double retentionHours, Long retentionBytes, String compression) {}

/**
 * Replicated groups on Apache Ratis: the in-process transport, exactly-once apply with checkpoints,
 * leadership, and the rebuild of replicas. The only package that imports Ratis. Called by {@code
 * broker} and {@code metadata}.
 */
package io.ottla.replication;

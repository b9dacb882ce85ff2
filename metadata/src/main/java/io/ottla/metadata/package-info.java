/**
 * The desired state of one cluster: its topics, producers and consumers. Changed only by commands
 * that the metadata group replicates; read as an immutable {@code ClusterView} from any thread.
 */
package io.ottla.metadata;

package io.ottla.replication;

/** A replica that takes part, and what takes its checkpoints. Immutable. */
record HostedReplica(GroupReplica replica, ReplicaCheckpoints checkpoints) {}

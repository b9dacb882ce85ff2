/**
 * The replica of a data group: its partitions' files, its consumer groups, and the format of the
 * entries that change them. Applied by the group's apply thread; read by any thread through {@link
 * io.ottla.broker.store.PartitionReader}.
 */
package io.ottla.broker.store;

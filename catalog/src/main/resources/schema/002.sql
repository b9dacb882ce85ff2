-- Version 2. Cascades and joins start from the parent's key: without these each would read a whole table.

CREATE INDEX brokers_of_cluster ON brokers (cluster_id);
CREATE INDEX partitions_of_leader ON partitions (leader_broker_id);
CREATE INDEX producers_of_cluster ON producers (cluster_id);
CREATE INDEX consumers_of_cluster ON consumers (cluster_id);
CREATE INDEX consumers_of_group ON consumers (group_name);
CREATE INDEX consumer_groups_of_topic ON consumer_groups (topic_id, partition_number);
CREATE INDEX offset_commitments_of_topic ON offset_commitments (topic_id, partition_number);

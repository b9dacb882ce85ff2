-- Version 1. Times are UTC, ISO 8601 with milliseconds, so that they sort and SQLite's date functions read them.

CREATE TABLE clusters (
  id                 TEXT PRIMARY KEY NOT NULL,
  name               TEXT NOT NULL UNIQUE,
  num_brokers        INTEGER NOT NULL,
  replication_factor INTEGER NOT NULL,
  log_directory      TEXT NOT NULL,
  partitions         INTEGER NOT NULL,  -- of topics that do not say how many
  retention_policies REAL NOT NULL,     -- hours; -1 = for ever
  created_at         TEXT NOT NULL
);

CREATE TABLE brokers (
  id         INTEGER PRIMARY KEY NOT NULL,
  cluster_id TEXT NOT NULL REFERENCES clusters(id) ON DELETE CASCADE,
  host       TEXT NOT NULL,
  port       INTEGER NOT NULL,
  state      TEXT NOT NULL,             -- running, stopped, failed
  directory  TEXT NOT NULL,             -- relative to the data directory
  created_at TEXT NOT NULL
);

CREATE TABLE topics (
  id                 TEXT PRIMARY KEY NOT NULL,
  cluster_id         TEXT NOT NULL REFERENCES clusters(id) ON DELETE CASCADE,
  name               TEXT NOT NULL,
  internal           INTEGER NOT NULL,  -- 1: the system's own
  partitions         INTEGER NOT NULL,
  retention_policies REAL NOT NULL,     -- hours; -1 = for ever
  retention_bytes    INTEGER NOT NULL,  -- of each partition; -1 = all
  segment_bytes      INTEGER NOT NULL,
  compression        TEXT NOT NULL,
  cleanup_policy     TEXT NOT NULL,
  max_record_bytes   INTEGER NOT NULL,
  created_at         TEXT NOT NULL,
  UNIQUE (cluster_id, name)
);

CREATE TABLE partitions (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  topic_id         TEXT NOT NULL REFERENCES topics(id) ON DELETE CASCADE,
  partition_number INTEGER NOT NULL,
  leader_broker_id INTEGER REFERENCES brokers(id) ON DELETE SET NULL,
  replicas         TEXT NOT NULL,       -- broker ids, a JSON array: json_each(replicas)
  created_at       TEXT NOT NULL,
  UNIQUE (topic_id, partition_number)
);

CREATE TABLE producers (
  id         INTEGER PRIMARY KEY NOT NULL,
  cluster_id TEXT NOT NULL REFERENCES clusters(id) ON DELETE CASCADE,
  name       TEXT NOT NULL,
  created_at TEXT NOT NULL
);

CREATE TABLE consumers (
  id         INTEGER PRIMARY KEY NOT NULL,
  cluster_id TEXT NOT NULL REFERENCES clusters(id) ON DELETE CASCADE,
  group_name TEXT NOT NULL,
  created_at TEXT NOT NULL
);

CREATE TABLE consumer_groups (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  group_name       TEXT NOT NULL,
  member_id        TEXT,                -- the partition's owner; NULL: none
  topic_id         TEXT NOT NULL REFERENCES topics(id) ON DELETE CASCADE,
  partition_number INTEGER NOT NULL,
  "offset"         INTEGER,             -- where the group goes on; NULL: it has committed nothing
  created_at       TEXT NOT NULL,
  UNIQUE (group_name, topic_id, partition_number)
);

CREATE TABLE offset_commitments (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  consumer_group_id INTEGER NOT NULL UNIQUE REFERENCES consumer_groups(id) ON DELETE CASCADE,
  topic_id          TEXT NOT NULL REFERENCES topics(id) ON DELETE CASCADE,
  partition_number  INTEGER NOT NULL,
  "offset"          INTEGER NOT NULL,   -- the next one to read
  metadata          TEXT NOT NULL,
  created_at        TEXT NOT NULL
);

/**
 * What a replica's journal holds, judged before the replica may vote; what damage may be mended in
 * place; and a broker's note of what it has acked. Knows Ratis' files, never its server. Called by
 * {@code replication}: judging and mending on the thread that starts a broker, notes from any
 * thread.
 */
package io.ottla.replication.journal;

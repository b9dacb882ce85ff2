package io.ottla.replication.journal;

import java.util.Optional;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * What a replica's journal holds. Immutable.
 *
 * @param end its last entry; the checkpoint's place where the journal holds nothing at all
 * @param empty whether it holds no entry
 * @param loss what it has certainly lost: then the replica must not vote
 */
public record Judged(TermIndex end, boolean empty, Optional<String> loss) {
  static Judged whole(TermIndex end) {
    return new Judged(end, false, Optional.empty());
  }

  static Judged empty(TermIndex checkpoint) {
    return new Judged(checkpoint, true, Optional.empty());
  }

  static Judged lost(String reason) {
    return new Judged(TermIndex.INITIAL_VALUE, false, Optional.of(reason));
  }
}

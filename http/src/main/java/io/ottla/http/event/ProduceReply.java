package io.ottla.http.event;

import io.ottla.broker.produce.ProduceResult;
import io.ottla.broker.produce.ProduceResult.EventResult;
import io.ottla.http.Problem;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.json.EventJson;
import io.ottla.http.json.JsonBuffer;
import io.ottla.http.json.PartitionsJson;

/** The answers to events that were appended: to one, or to a batch. */
final class ProduceReply {
  private static final int SINGLE_ANSWER_BYTES = 128;
  private static final int BYTES_PER_EVENT = 36;

  private ProduceReply() {}

  /** To one event; a refusal is its problem. */
  static Reply toSingle(ProduceResult result) throws ProblemException {
    return switch (result.events().getFirst()) {
      case EventResult.Committed committed -> {
        JsonBuffer out = new JsonBuffer(SINGLE_ANSWER_BYTES);
        EventJson.writeCommitted(out, result.topic(), committed);
        yield Reply.json(201, out);
      }
      case EventResult.Failed failed -> throw new ProblemException(Problem.of(failed.refusal()));
    };
  }

  /** To each event of a batch. */
  static Reply toEvents(ProduceResult result) {
    JsonBuffer out = new JsonBuffer(SINGLE_ANSWER_BYTES + BYTES_PER_EVENT * result.events().size());
    EventJson.writeBatchResult(out, result);
    return Reply.json(status(result), out);
  }

  /** To the events of each partition. */
  static Reply toPartitions(ProduceResult result) {
    JsonBuffer out = new JsonBuffer(SINGLE_ANSWER_BYTES);
    PartitionsJson.write(out, result);
    return Reply.json(status(result), out);
  }

  private static int status(ProduceResult result) {
    return result.allCommitted() ? 201 : 207;
  }
}

package io.ottla.http.upload;

import io.ottla.broker.Refusal;
import io.ottla.broker.produce.ProduceStream;
import io.ottla.broker.produce.ProduceStream.Extent;
import io.ottla.broker.produce.ProduceStream.Progress;
import io.ottla.http.ArrivingBody;
import io.ottla.http.Problem;
import io.ottla.http.Reply;
import io.ottla.http.json.JsonBuffer;
import io.ottla.http.json.PartitionsJson;
import io.ottla.http.upload.Pieces.Piece;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One upload: commits piece after piece until the body ends or something is wrong. What was handed
 * over before that is committed then, so that nothing of the rest is or will be appended. Used
 * once, by the connection's thread.
 */
final class Upload {
  /** How often it looks whether its client or its server have ended. */
  private static final Duration LOOK = Duration.ofMillis(500);

  private final String topic;
  private final ProduceStream stream;
  private final Pieces pieces;
  private final ArrivingBody body;

  Upload(String topic, ProduceStream stream, Pieces pieces, ArrivingBody body) {
    this.topic = topic;
    this.stream = stream;
    this.pieces = pieces;
    this.body = body;
  }

  /** Commits what comes; the answer. */
  Reply commit() throws InterruptedException {
    try {
      Optional<Problem> problem = commitAll();
      return problem.isPresent() ? failed(problem.get()) : committed();
    } finally {
      body.abandon();
      pieces.stop();
    }
  }

  private Optional<Problem> commitAll() throws InterruptedException {
    while (true) {
      Piece piece = pieces.take(LOOK);
      if (piece != null) {
        Optional<Refusal> refusal = stream.append(piece.events());
        if (refusal.isPresent()) {
          return refusal.map(Problem::of);
        }
        pieces.committed(piece);
      } else if (pieces.areOver()) {
        Problem problem = pieces.problem();
        return problem != null ? Optional.of(problem) : stream.finish().map(Problem::of);
      } else if (body.isSilent()) {
        return Optional.of(Problem.of(408, "request_timeout", "Nothing has arrived for too long."));
      }
      if (body.mustEnd()) {
        return Optional.of(
            new Problem(503, "not_ready", true, "The server is stopping.", Map.of()));
      }
    }
  }

  private Reply committed() {
    JsonBuffer out = new JsonBuffer(256);
    PartitionsJson.write(out, topic, stream.progress());
    return Reply.json(201, out);
  }

  private Reply failed(Problem problem) {
    Progress progress = stream.progress();
    Map<String, Object> partitions = new LinkedHashMap<>();
    progress
        .partitions()
        .forEach((partition, extent) -> partitions.put(partition.toString(), members(extent)));
    return Reply.problem(
        problem
            .with("count", progress.count())
            .with("partitions", partitions)
            .withAppendedUnlessSaid(false));
  }

  private static Map<String, Object> members(Extent extent) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("first", extent.first());
    members.put("last", extent.last());
    members.put("count", extent.count());
    return members;
  }
}

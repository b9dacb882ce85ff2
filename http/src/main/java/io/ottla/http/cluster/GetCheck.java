package io.ottla.http.cluster;

import io.ottla.broker.Answer;
import io.ottla.broker.CheckCluster;
import io.ottla.broker.CheckCursor;
import io.ottla.broker.ClusterCheck;
import io.ottla.broker.ClusterCheck.Damage;
import io.ottla.broker.ClusterCheck.PartitionCheck;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.Fields;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** {@code GET /cluster/{name}/check}: whether the replicas of a cluster hold the same. */
public final class GetCheck implements RequestHandler {
  private static final Set<String> KNOWN = Set.of("topic", "cursor", "timeout_ms");
  private static final int DEFAULT_TIMEOUT_MS = 10_000;
  private static final int MAX_TIMEOUT_MS = 50_000;

  private final Function<CheckCluster.Request, Answer<ClusterCheck>> check;

  /** Calls {@code check}. */
  public GetCheck(Function<CheckCluster.Request, Answer<ClusterCheck>> check) {
    this.check = check;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException, ProblemException {
    Fields fields = request.fields(KNOWN);
    Optional<String> text = fields.text("cursor");
    Optional<CheckCursor> cursor = text.flatMap(CheckCursor::parse);
    if (text.isPresent() && cursor.isEmpty()) {
      throw fields.invalid("cursor", "must be the cursor of an answer before");
    }
    int timeoutMs = fields.integer("timeout_ms", 1, MAX_TIMEOUT_MS).orElse(DEFAULT_TIMEOUT_MS);
    ClusterCheck found =
        RequestHandler.valueOf(
            check.apply(
                new CheckCluster.Request(
                    request.pathParameter(0),
                    fields.text("topic"),
                    cursor,
                    Duration.ofMillis(timeoutMs))));
    JsonBuffer out = new JsonBuffer(4096);
    write(out, found);
    return Reply.json(200, out);
  }

  private static void write(JsonBuffer out, ClusterCheck check) {
    out.raw("{\"cluster\":").string(check.cluster());
    out.raw(",\"equal\":").raw(check.equal() ? "true" : "false");
    out.raw(",\"complete\":").raw(check.complete() ? "true" : "false");
    check.next().ifPresent(next -> out.raw(",\"cursor\":").string(next.toString()));
    out.raw(",\"partitions\":[");
    List<PartitionCheck> partitions = check.partitions();
    for (int i = 0; i < partitions.size(); i++) {
      out.raw(i > 0 ? "," : "");
      write(out, partitions.get(i));
    }
    out.raw("]}");
  }

  private static void write(JsonBuffer out, PartitionCheck partition) {
    out.raw("{\"topic\":").string(partition.topic());
    out.raw(",\"partition\":").number(partition.partition());
    out.raw(",\"brokers\":");
    writeIds(out, partition.brokers());
    out.raw(",\"missing\":");
    writeIds(out, partition.missing());
    out.raw(",\"start_offset\":").number(partition.startOffset());
    out.raw(",\"end_offset\":").number(partition.endOffset());
    out.raw(",\"compared_offsets\":").number(partition.comparedOffsets());
    out.raw(",\"compared_bytes\":").number(partition.bytes());
    out.raw(",\"equal\":").raw(partition.equal() ? "true" : "false");
    out.raw(",\"differing\":");
    writeIds(out, partition.differing());
    out.raw(",\"damaged\":[");
    for (int i = 0; i < partition.damaged().size(); i++) {
      out.raw(i > 0 ? "," : "");
      write(out, partition.damaged().get(i));
    }
    out.raw("]}");
  }

  private static void write(JsonBuffer out, Damage damage) {
    out.raw("{\"broker\":").number(damage.broker());
    out.raw(",\"file\":").string(damage.file().toString().replace('\\', '/'));
    out.raw(",\"position_bytes\":").number(damage.positionBytes());
    out.raw(",\"length_bytes\":").number(damage.lengthBytes());
    out.raw(",\"start_offset\":").number(damage.startOffset());
    out.raw(",\"next_offset\":").number(damage.nextOffset()).raw('}');
  }

  private static void writeIds(JsonBuffer out, List<Integer> brokers) {
    out.raw('[');
    for (int i = 0; i < brokers.size(); i++) {
      out.raw(i > 0 ? "," : "").number(brokers.get(i));
    }
    out.raw(']');
  }
}

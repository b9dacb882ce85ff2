package io.ottla.http.offset;

import io.ottla.broker.Answer;
import io.ottla.broker.consume.CommitRequest;
import io.ottla.broker.consume.CommitRequest.PartitionOffset;
import io.ottla.broker.consume.CommitResult;
import io.ottla.broker.consume.CommitResult.Committed;
import io.ottla.broker.consume.StartFrom;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.Fields;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** {@code POST /offset}: commits what a consumer was given, or resets a group. */
public final class PostOffset implements RequestHandler {
  private static final Set<String> KNOWN =
      Set.of("consumer_id", "cursor", "offsets", "group", "topic", "to", "cluster");
  private static final Set<String> KNOWN_OF_OFFSET =
      Set.of("topic", "partition", "offset", "metadata");
  private static final List<String> OF_RESETS = List.of("group", "topic", "to", "cluster");
  private static final int MAX_PARTITION = 1_000_000;
  private static final int MAX_METADATA_BYTES = 4 * 1024;

  private final Commit commit;

  /** Commits. */
  @FunctionalInterface
  public interface Commit {
    /** Commits. */
    Answer<CommitResult> commit(CommitRequest request) throws InterruptedException;
  }

  /** Calls {@code commit}. */
  public PostOffset(Commit commit) {
    this.commit = commit;
  }

  @Override
  public Reply handle(Request request)
      throws InvalidJsonException, ProblemException, InterruptedException {
    Fields fields = request.fields(KNOWN);
    OptionalLong consumerId = fields.longInteger("consumer_id", 1, Long.MAX_VALUE);
    CommitRequest wanted =
        consumerId.isPresent() ? ofConsumer(fields, consumerId.getAsLong()) : reset(fields);
    return reply(RequestHandler.valueOf(commit.commit(wanted)));
  }

  private static CommitRequest ofConsumer(Fields fields, long consumerId)
      throws InvalidJsonException {
    for (String field : OF_RESETS) {
      if (fields.has(field)) {
        throw InvalidJsonException.field(
            field, "\"" + field + "\" resets a group and cannot stand beside \"consumer_id\".");
      }
    }
    Optional<String> cursor = fields.text("cursor");
    if (!fields.has("offsets")) {
      return cursor.isPresent()
          ? new CommitRequest.UpToCursor(consumerId, cursor.get())
          : new CommitRequest.Position(consumerId);
    }
    if (cursor.isPresent()) {
      throw InvalidJsonException.field("offsets", "\"offsets\" cannot stand beside \"cursor\".");
    }
    return new CommitRequest.Offsets(consumerId, offsets(fields));
  }

  private static CommitRequest reset(Fields fields) throws InvalidJsonException {
    Optional<String> group = fields.text("group");
    if (group.isEmpty()) {
      throw InvalidJsonException.field(
          "consumer_id", "\"consumer_id\" is required, or \"group\" to reset a group.");
    }
    if (fields.has("cursor")) {
      throw InvalidJsonException.field("cursor", "\"cursor\" belongs to a \"consumer_id\".");
    }
    Optional<StartFrom> to = fields.startFrom("to");
    List<PartitionOffset> offsets = fields.has("offsets") ? offsets(fields) : List.of();
    if (to.isPresent() == !offsets.isEmpty()) {
      throw InvalidJsonException.field("to", "Either \"to\" or \"offsets\" says where to.");
    }
    return new CommitRequest.Reset(
        fields.text("cluster"), group.get(), fields.requiredText("topic"), to, offsets);
  }

  private static List<PartitionOffset> offsets(Fields fields) throws InvalidJsonException {
    List<PartitionOffset> offsets = new ArrayList<>();
    for (Fields one : fields.objects("offsets", KNOWN_OF_OFFSET)) {
      if (!one.has("partition")) {
        throw one.missing("partition");
      }
      if (!one.has("offset")) {
        throw one.missing("offset");
      }
      Optional<String> metadata = one.text("metadata");
      if (metadata.isPresent()
          && metadata.get().getBytes(StandardCharsets.UTF_8).length > MAX_METADATA_BYTES) {
        throw one.invalid("metadata", "must be at most 4 KiB");
      }
      offsets.add(
          new PartitionOffset(
              one.text("topic"),
              one.integer("partition", 0, MAX_PARTITION).getAsInt(),
              one.longInteger("offset", 0, Long.MAX_VALUE).getAsLong(),
              metadata));
    }
    if (offsets.isEmpty()) {
      throw fields.invalid("offsets", "must hold at least one offset");
    }
    return offsets;
  }

  private static Reply reply(CommitResult result) {
    JsonBuffer out = new JsonBuffer(256);
    out.raw('{');
    if (result.consumerId().isPresent()) {
      out.raw("\"consumer_id\":").number(result.consumerId().getAsLong()).raw(',');
    }
    out.raw("\"group\":").string(result.group());
    out.raw(",\"committed\":[");
    for (int i = 0; i < result.committed().size(); i++) {
      Committed one = result.committed().get(i);
      out.raw(i > 0 ? ",{\"topic\":" : "{\"topic\":").string(one.topic());
      out.raw(",\"partition\":").number(one.partition());
      out.raw(",\"offset\":").number(one.offset()).raw('}');
    }
    return Reply.json(200, out.raw("]}"));
  }
}

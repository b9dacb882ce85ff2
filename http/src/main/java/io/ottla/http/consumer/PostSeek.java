package io.ottla.http.consumer;

import io.ottla.broker.Answer;
import io.ottla.broker.consume.CommitRequest.PartitionOffset;
import io.ottla.broker.consume.SeekRequest;
import io.ottla.broker.consume.SeekResult;
import io.ottla.broker.consume.SeekResult.Position;
import io.ottla.broker.consume.StartFrom;
import io.ottla.http.ProblemException;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.RequestHandler;
import io.ottla.http.json.Fields;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** {@code POST /consumer/{id}/seek}: moves a consumer's positions. */
public final class PostSeek implements RequestHandler {
  private static final Set<String> KNOWN = Set.of("offsets", "to");
  private static final Set<String> KNOWN_OF_OFFSET = Set.of("topic", "partition", "offset");
  private static final int MAX_PARTITION = 1_000_000;

  private final Function<SeekRequest, Answer<SeekResult>> seek;

  /** Calls {@code seek}. */
  public PostSeek(Function<SeekRequest, Answer<SeekResult>> seek) {
    this.seek = seek;
  }

  @Override
  public Reply handle(Request request) throws InvalidJsonException, ProblemException {
    Fields fields = request.fields(KNOWN);
    long consumerId = ConsumerId.of(request);
    Optional<StartFrom> to = fields.startFrom("to");
    if (to.isPresent() == fields.has("offsets")) {
      throw InvalidJsonException.field("to", "Either \"to\" or \"offsets\" says where to.");
    }
    SeekRequest wanted =
        to.isPresent()
            ? new SeekRequest.To(consumerId, to.get())
            : new SeekRequest.Offsets(consumerId, offsets(fields));
    return reply(RequestHandler.valueOf(seek.apply(wanted)));
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
      offsets.add(
          new PartitionOffset(
              one.text("topic"),
              one.integer("partition", 0, MAX_PARTITION).getAsInt(),
              one.longInteger("offset", 0, Long.MAX_VALUE).getAsLong(),
              Optional.empty()));
    }
    if (offsets.isEmpty()) {
      throw fields.invalid("offsets", "must hold at least one offset");
    }
    return offsets;
  }

  private static Reply reply(SeekResult result) {
    JsonBuffer out = new JsonBuffer(256);
    out.raw("{\"consumer_id\":").number(result.consumerId());
    out.raw(",\"group\":").string(result.group());
    out.raw(",\"positions\":[");
    for (int i = 0; i < result.positions().size(); i++) {
      Position one = result.positions().get(i);
      out.raw(i > 0 ? ",{\"topic\":" : "{\"topic\":").string(one.topic());
      out.raw(",\"partition\":").number(one.partition());
      out.raw(",\"offset\":").number(one.offset()).raw('}');
    }
    return Reply.json(200, out.raw("]}"));
  }
}

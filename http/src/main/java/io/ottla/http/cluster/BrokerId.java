package io.ottla.http.cluster;

import io.ottla.broker.ClusterDescription.BrokerDescription;
import io.ottla.http.Reply;
import io.ottla.http.Request;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.JsonBuffer;

/** The broker that a path names, and the answer about it. */
final class BrokerId {
  private static final int MAX_DIGITS = 9;

  private BrokerId() {}

  static int of(Request request) throws InvalidJsonException {
    String text = request.pathParameter(1);
    boolean number =
        !text.isEmpty()
            && text.length() <= MAX_DIGITS
            && text.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!number) {
      throw InvalidJsonException.field("id", "A broker's \"id\" is a number from 1.");
    }
    return Integer.parseInt(text);
  }

  static Reply reply(BrokerDescription broker) {
    JsonBuffer out = new JsonBuffer(64);
    out.raw("{\"id\":").number(broker.id());
    out.raw(",\"state\":").string(ClusterJson.state(broker)).raw('}');
    return Reply.json(200, out);
  }
}

package io.ottla.torture.load;

import io.ottla.testkit.Api;
import io.ottla.torture.history.Anomaly;
import io.ottla.torture.history.Findings;
import tools.jackson.databind.JsonNode;

/** What an answer says about events. */
enum Outcome {
  /** They are there. */
  OK,
  /** They are not there and will not be. */
  FAIL,
  /** They may be there. */
  UNKNOWN;

  /** What a problem says; one with a 4xx status must say it. */
  static Outcome of(JsonNode problem, int status, Findings findings) {
    JsonNode appended = problem.path("appended");
    if (appended.isBoolean() && !appended.asBoolean()) {
      return FAIL;
    }
    boolean silent = !appended.isString() || !appended.asString().equals("unknown");
    if (silent && status / 100 == 4) {
      findings.add(
          Anomaly.UNEXPECTED_ANSWER, status + " without a word on what was appended: " + problem);
    }
    return UNKNOWN;
  }

  static Outcome of(Api.Reply reply, Findings findings) {
    return reply.status() / 100 == 2 ? OK : of(reply.body(), reply.status(), findings);
  }
}

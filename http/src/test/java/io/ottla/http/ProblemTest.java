package io.ottla.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class ProblemTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @ParameterizedTest
  @EnumSource
  void givesEveryRefusalAStatusAndADocument(RefusalCode code) {
    Reply.Whole reply = Reply.problem(Problem.of(Refusal.of(code, "a \"sentence\"\n")));
    JsonNode document = MAPPER.readTree(reply.body().toByteArray());

    assertThat(reply.status()).isBetween(400, 599);
    assertThat(document.get("status").asInt()).isEqualTo(reply.status());
    assertThat(document.get("code").asString()).isEqualTo(code.wireName());
    assertThat(document.get("retriable").asBoolean()).isEqualTo(code.retriable());
    assertThat(document.get("detail").asString()).isEqualTo("a \"sentence\"\n");
    assertThat(reply.headers().containsKey("Retry-After"))
        .isEqualTo(reply.status() == 503 || reply.status() == 429);
  }

  @Test
  void writesAttributesOfEveryKind() {
    Problem problem =
        Problem.of(
            Refusal.of(RefusalCode.CLUSTER_REQUIRED, "x")
                .with("candidates", List.of("a", "b"))
                .with("start_offset", 17L)
                .with("half", 0.5)
                .with("yes", true)
                .with("none", Map.of())
                .with("nested", Map.of("a", List.of()))
                .notAppended());

    assertThat(problem.toJson().toString())
        .endsWith(
            ",\"candidates\":[\"a\",\"b\"],\"start_offset\":17,\"half\":0.5,\"yes\":true,"
                + "\"none\":{},\"nested\":{\"a\":[]},\"appended\":false}");
  }

  @Test
  void sendsTheRetryAfterOfTheRefusal() {
    Refusal refusal = Refusal.of(RefusalCode.OVERLOADED, "x").with("retry_after_seconds", 7);

    assertThat(Reply.problem(Problem.of(refusal)).headers()).containsEntry("Retry-After", "7");
  }
}

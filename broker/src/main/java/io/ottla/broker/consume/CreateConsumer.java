package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.consume.Consumers.Found;
import io.ottla.groups.GroupRequest;
import io.ottla.metadata.Topic;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Makes a consumer of one or several topics, which joins its group at once. Thread-safe. */
public final class CreateConsumer {
  /** The shortest session timeout: a second, as sessions are looked at four times in it. */
  public static final long MIN_SESSION_TIMEOUT_MS = 1_000;

  /** The longest session timeout: an hour. */
  public static final long MAX_SESSION_TIMEOUT_MS = 3_600_000;

  private static final String TOPICS = "topics";
  private static final int MAX_TOPICS = 100;

  private final TopicDirectory directory;
  private final GroupCoordinators coordinators;

  public CreateConsumer(TopicDirectory directory, GroupCoordinators coordinators) {
    this.directory = directory;
    this.coordinators = coordinators;
  }

  /**
   * A consumer to make.
   *
   * @param cluster absent: the only one, or the only one that has the first topic
   * @param group absent: it is alone in {@code consumer-<id>}
   * @param settings 1 to 100 topics, each once; a session timeout from a second to an hour
   */
  public record Request(
      Optional<String> cluster, Optional<String> group, ConsumerSettings settings) {}

  /** Makes it; a consumer whose group cannot be joined is forgotten again. */
  public Answer<ConsumerMembership> create(Request request) {
    Optional<Refusal> refusal =
        badSettings(request.settings())
            .or(() -> ConsumerRegistration.groupRefusal(request.group()));
    return refusal.isPresent()
        ? Answer.refused(refusal.get())
        : cluster(request)
            .then(cluster -> ConsumerRegistration.register(cluster, request.group()))
            .then(made -> joinOrForget(made, request.settings()));
  }

  private static Optional<Refusal> badSettings(ConsumerSettings settings) {
    List<String> topics = settings.topics();
    if (topics.isEmpty() || topics.size() > MAX_TOPICS) {
      return Optional.of(
          Refusal.invalid(TOPICS, "topics must name 1 to %d topics".formatted(MAX_TOPICS)));
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < topics.size(); i++) {
      if (!seen.add(topics.get(i))) {
        return Optional.of(
            Refusal.invalid(TOPICS, "topic " + topics.get(i) + " is named twice").with("index", i));
      }
    }
    long timeoutMs = settings.sessionTimeoutMs();
    return timeoutMs < MIN_SESSION_TIMEOUT_MS || timeoutMs > MAX_SESSION_TIMEOUT_MS
        ? Optional.of(
            Refusal.invalid(
                "session_timeout_ms",
                "session_timeout_ms must be from %d to %d"
                    .formatted(MIN_SESSION_TIMEOUT_MS, MAX_SESSION_TIMEOUT_MS)))
        : Optional.empty();
  }

  /** The cluster that has all the topics. */
  private Answer<ServingCluster> cluster(Request request) {
    List<String> topics = request.settings().topics();
    Answer<ServingCluster> cluster =
        at(0, directory.topic(request.cluster(), topics.getFirst()))
            .then(found -> Answer.ok(found.cluster()));
    for (int i = 1; i < topics.size(); i++) {
      int index = i;
      cluster =
          cluster.then(
              one -> {
                Answer<Topic> topic = at(index, Consumers.topic(one, topics.get(index)));
                return topic.then(_ -> Answer.ok(one));
              });
    }
    return cluster;
  }

  /** The same answer; the refusal of a topic says which one it was. */
  private static <T> Answer<T> at(int index, Answer<T> topic) {
    return topic instanceof Answer.Refused<T>(Refusal refusal)
            && refusal.code() == RefusalCode.TOPIC_NOT_FOUND
        ? Answer.refused(refusal.with("field", TOPICS).with("index", index))
        : topic;
  }

  private Answer<ConsumerMembership> joinOrForget(Found made, ConsumerSettings settings) {
    String group = made.consumer().group();
    var join = new GroupRequest.Join(group, made.memberId(), settings.toGroups());
    Answer<ConsumerMembership> answer =
        coordinators
            .of(made.cluster(), group)
            .decide(s -> s.coordinator().join(join, s.topics(), s.nowMs()))
            .then(granted -> Answer.ok(ConsumerMembership.of(made, granted.value())));
    if (answer instanceof Answer.Refused<ConsumerMembership>) {
      ConsumerRegistration.forgetSoon(made);
    }
    return answer;
  }
}

package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.Refusal;
import io.ottla.broker.TopicDirectory;
import io.ottla.broker.consume.Consumers.Found;
import io.ottla.groups.Cursor;
import io.ottla.groups.GroupRequest;
import io.ottla.groups.Subscription;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Who polls: the consumer that a request names, or a new one. Thread-safe. */
final class PollingConsumers {
  private final TopicDirectory directory;
  private final Consumers consumers;

  PollingConsumers(TopicDirectory directory) {
    this.directory = directory;
    this.consumers = new Consumers(directory);
  }

  /**
   * A consumer and the poll that it asks for.
   *
   * @param poll its first; a stream's later ones differ
   */
  record Polling(Found found, GroupRequest.Poll poll) {}

  /** Goes on with the consumer; a new one is forgotten again if that is refused. */
  <T> Answer<T> with(PollRequest request, Function<Polling, Answer<T>> use) {
    Optional<Cursor> cursor = request.cursor().flatMap(Cursor::decode);
    if (request.cursor().isPresent() && cursor.isEmpty()) {
      return Answer.refused(badCursor());
    }
    Optional<Long> consumerId = request.consumerId();
    if (consumerId.isEmpty() && cursor.isPresent()) {
      consumerId = consumerOf(cursor.get());
      if (consumerId.isEmpty()) {
        return Answer.refused(badCursor());
      }
    }
    return consumerId.isPresent()
        ? consumers
            .find(consumerId.get())
            .then(found -> check(found, request))
            .then(found -> use.apply(polling(found, request, cursor)))
        : subscribe(request, use);
  }

  private static Optional<Long> consumerOf(Cursor cursor) {
    try {
      return Optional.of(Long.valueOf(cursor.memberId()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Refusal badCursor() {
    return Refusal.invalid("cursor", "the cursor is not one that an answer gave");
  }

  private static Answer<Found> check(Found found, PollRequest request) {
    String group = found.consumer().group();
    if (request.group().isPresent() && !request.group().get().equals(group)) {
      return Answer.refused(
          Refusal.invalid(
              "group", "consumer %s is in group %s".formatted(found.memberId(), group)));
    }
    if (request.cluster().isPresent() && !request.cluster().get().equals(found.cluster().name())) {
      return Answer.refused(
          Refusal.invalid(
              "cluster",
              "consumer %s reads from cluster %s"
                  .formatted(found.memberId(), found.cluster().name())));
    }
    return request.topic().isEmpty()
        ? Answer.ok(found)
        : Consumers.topic(found.cluster(), request.topic().get()).then(_ -> Answer.ok(found));
  }

  private <T> Answer<T> subscribe(PollRequest request, Function<Polling, Answer<T>> use) {
    if (request.topic().isEmpty()) {
      return Answer.refused(Refusal.invalid("topic", "topic is required without consumer_id"));
    }
    Optional<Refusal> refusal = ConsumerRegistration.groupRefusal(request.group());
    if (refusal.isPresent()) {
      return Answer.refused(refusal.get());
    }
    return directory
        .topic(request.cluster(), request.topic().get())
        .then(topic -> ConsumerRegistration.register(topic.cluster(), request.group()))
        .then(
            made -> {
              Answer<T> answer = use.apply(polling(made, request, Optional.empty()));
              if (answer instanceof Answer.Refused<T>) {
                ConsumerRegistration.forgetSoon(made);
              }
              return answer;
            });
  }

  private static Polling polling(Found found, PollRequest request, Optional<Cursor> cursor) {
    Optional<Boolean> autoCommit = request.autoCommit().enabled();
    List<String> topics = request.topic().map(List::of).orElse(List.of());
    Optional<Subscription> ifNew =
        request
            .topic()
            .map(
                topic ->
                    new Subscription(
                        topics,
                        StartOffsets.toGroups(request.from()),
                        request.sessionTimeout().toMillis(),
                        autoCommit.orElse(true)));
    return new Polling(
        found,
        new GroupRequest.Poll(
            found.consumer().group(),
            found.memberId(),
            topics,
            ifNew,
            autoCommit,
            request.autoCommit().interval().toMillis(),
            cursor,
            request.limits().maxWait().toMillis()));
  }
}

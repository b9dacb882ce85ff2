package io.ottla.broker.consume;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.ottla.broker.Answer;
import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.consume.Consumers.Found;
import io.ottla.broker.consume.MemberPoll.Given;
import io.ottla.broker.consume.PollingConsumers.Polling;
import io.ottla.broker.read.BatchReader;
import io.ottla.groups.Cursor;
import io.ottla.groups.GroupCoordinator.PollStanding;
import io.ottla.groups.GroupRequest;
import io.ottla.groups.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A consumer's events as they come: a member of its group that polls again and again by itself.
 *
 * <p>Always true: what {@link #next} gives follows what it gave before, also over a change of the
 * coordinator, as each poll after the first begins at the cursor that was reached. The member lives
 * while {@code next} is called: whoever stalls between two calls loses its partitions like any
 * silent member. A newer poll of the same consumer is the stream's end.
 */
final class ConsumerStream implements EventStream {
  private static final Duration RETRY_PAUSE = Duration.ofMillis(50);

  /** A member shows up so many times within its session. */
  private static final int SIGNS_OF_LIFE_PER_SESSION = 3;

  private final Found found;
  private final CoordinatorRunner runner;
  private final BatchReader batches;
  private final FetchRequest.Limits limits;
  private final Duration signOfLife;
  private final StreamCommits commits;
  private final StreamPace pace;

  /** When the last part was given that had something in it. */
  private long givenNanos;

  /** Whether that part was all there was: whoever is behind need not wait for more. */
  private boolean mayGather;

  /** Partitions are to be let go, which the next poll does; null if none are. */
  private LettingGo lettingGo;

  /** Where the last part ended: whoever asks for the next one has it. */
  private Optional<Cursor> reached;

  /** Whether its reader was given anything, here or before it came with its cursor. */
  private boolean hasGiven;

  private volatile MemberPoll poll;
  private volatile boolean ended;

  /**
   * The member was told to let partitions go.
   *
   * @param sentThen what its reader had been sent by then
   */
  private record LettingGo(long toldAtNanos, Optional<Cursor> sentThen) {}

  private ConsumerStream(
      Polling polling,
      CoordinatorRunner runner,
      BatchReader batches,
      FetchRequest.Limits limits,
      StreamPace pace,
      MemberPoll begun) {
    var settings = StreamCommits.Settings.of(begun.subscription(), polling.poll());
    this.found = polling.found();
    this.runner = runner;
    this.batches = batches;
    this.limits = limits;
    this.pace = pace;
    this.givenNanos = System.nanoTime();
    this.signOfLife = settings.sessionTimeout().dividedBy(SIGNS_OF_LIFE_PER_SESSION);
    this.commits = new StreamCommits(found, runner, settings);
    this.reached = polling.poll().cursor();
    this.hasGiven = reached.isPresent();
    this.poll = begun;
  }

  /** Begins the first poll. */
  static Answer<ConsumerStream> open(
      Polling polling,
      CoordinatorRunner runner,
      BatchReader batches,
      FetchRequest.Limits limits,
      StreamPace pace) {
    GroupRequest.Poll asked = polling.poll();
    GroupRequest.Poll first = poll(polling.found(), asked.topics(), asked.ifNew(), asked.cursor());
    return MemberPoll.begin(polling.found(), runner, batches, first, limits)
        .then(
            begun -> {
              begun.register();
              return Answer.ok(new ConsumerStream(polling, runner, batches, limits, pace, begun));
            });
  }

  @Override
  public OptionalLong consumerId() {
    return OptionalLong.of(found.consumer().id());
  }

  @Override
  public Answer<Part> next(Duration maxWait) throws InterruptedException {
    long startNanos = System.nanoTime();
    noteSent();
    if (mayGather) {
      pace.await(givenNanos);
    }
    while (true) {
      Duration left = maxWait.minusNanos(System.nanoTime() - startNanos);
      switch (step(left)) {
        case Answer.Ok<Given>(Given given) -> {
          reached = Optional.of(given.delivered().cursor());
          PollResult result = given.result();
          Part part = new Part(result.records(), result.ids(), result.skipped());
          if (!part.isEmpty()) {
            hasGiven = true;
            mayGather = !given.isFull();
            givenNanos = System.nanoTime();
            pace.given(givenNanos);
          }
          if (!part.isEmpty() || ended || !left.isPositive()) {
            return Answer.ok(part);
          }
          noteSent();
        }
        case Answer.Refused<Given>(Refusal refusal) -> {
          if (!refusal.code().retriable()) {
            return Answer.refused(refusal);
          }
          if (ended || !left.isPositive()) {
            return Answer.ok(new Part(List.of(), new FixedIds(reachedText()), List.of()));
          }
          poll.awaitOnce(RETRY_PAUSE);
        }
      }
    }
  }

  /** The reader has all up to there; where it began is nothing to commit. */
  private void noteSent() {
    if (hasGiven) {
      reached.ifPresent(commits::sent);
    }
  }

  private byte[] reachedText() {
    return reached.map(cursor -> cursor.encode().getBytes(US_ASCII)).orElse(new byte[0]);
  }

  /** One look at what there is, after a wait if that is nothing. */
  private Answer<Given> step(Duration leftWait) throws InterruptedException {
    PollStanding standing = poll.standing();
    if (standing == PollStanding.SUPERSEDED) {
      return Answer.refused(
          RefusalCode.POLL_SUPERSEDED, "a newer request of the same consumer has begun");
    }
    if (standing == PollStanding.GONE) {
      return poll.deliver(); // which says why
    }
    boolean letsGo = lettingGo != null && untilLetGo().isZero();
    if (standing != PollStanding.CURRENT || letsGo || poll.hasUnstarted()) {
      Optional<Refusal> refusal = pollAgain(standing == PollStanding.MOVED);
      if (refusal.isPresent()) {
        return Answer.refused(refusal.get());
      }
    }
    if (!poll.look() && !ended && leftWait.isPositive() && mayWait()) {
      poll.awaitOnce(
          shortest(shortest(leftWait, signOfLife), shortest(commits.untilDue(), untilLetGo())));
      poll.look();
    }
    Answer<Given> answer = poll.deliver();
    if (answer instanceof Answer.Ok<Given>(Given given)) {
      if (given.delivered().membership().revoking().isEmpty()) {
        lettingGo = null;
      } else if (lettingGo == null) {
        lettingGo = new LettingGo(System.nanoTime(), commits.sent());
      }
      commits.standsAt(given.delivered().membership());
      commits.commitIfDue();
      return answer;
    }
    // Moved or superseded since: the next step's first look says which.
    return poll.standing() == PollStanding.MOVED ? step(leftWait) : answer;
  }

  /**
   * Whether there is nothing to do but wait. The standing is asked again, as a new poll is not
   * woken for what happened before it was registered; and what is to be let go has to be told
   * first.
   */
  private boolean mayWait() {
    boolean isToBeTold = poll.revokes() && lettingGo == null;
    return !isToBeTold && poll.standing() == PollStanding.CURRENT;
  }

  private Duration untilLetGo() {
    return lettingGo == null ? signOfLife : commits.untilLetGo(lettingGo.toldAtNanos());
  }

  /**
   * Begins another poll: the assignment, the coordinator or the position has changed. Partitions
   * that are to be let go are let go by it.
   */
  private Optional<Refusal> pollAgain(boolean wasMoved) {
    if (lettingGo != null) {
      commits.commitBeforeLettingGo(lettingGo.sentThen(), lettingGo.toldAtNanos());
      lettingGo = null;
    }
    Optional<Cursor> cursor = wasMoved ? Optional.empty() : reached;
    GroupRequest.Poll again = poll(found, List.of(), Optional.empty(), cursor);
    return switch (MemberPoll.begin(found, runner, batches, again, limits)) {
      case Answer.Ok<MemberPoll>(MemberPoll begun) -> {
        MemberPoll before = poll;
        begun.register();
        poll = begun;
        before.close();
        yield Optional.empty();
      }
      case Answer.Refused<MemberPoll>(Refusal refusal) -> Optional.of(refusal);
    };
  }

  /** A poll that commits nothing: {@link StreamCommits} does, behind what the reader has. */
  private static GroupRequest.Poll poll(
      Found found, List<String> topics, Optional<Subscription> ifNew, Optional<Cursor> cursor) {
    return new GroupRequest.Poll(
        found.consumer().group(),
        found.memberId(),
        topics,
        ifNew,
        Optional.of(false),
        0,
        cursor,
        0);
  }

  private static Duration shortest(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  @Override
  public void end() {
    ended = true;
    poll.wake();
  }

  @Override
  public void close() {
    poll.close();
  }
}

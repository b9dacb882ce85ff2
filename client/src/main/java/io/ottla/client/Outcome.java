package io.ottla.client;

import io.ottla.client.OttlaException.Appended;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.util.List;
import java.util.Map;

/**
 * What the end of an attempt means for the records of its request: which are appended, which are
 * given up; what stays unfinished is to be tried again. The sender's, used once.
 *
 * <p>With numbered requests everything that may work later is tried again, with the same bytes.
 * Without, only what is certainly not appended.
 */
final class Outcome {
  private static final int TIMEOUT = 408;
  private static final int TOO_MANY_REQUESTS = 429;

  private final ProduceCall call;
  private final boolean numbered;

  Outcome(ProduceCall call, boolean numbered) {
    this.call = call;
    this.numbered = numbered;
  }

  /** Whether the same request may be answered otherwise later. */
  static boolean mayWorkLater(OttlaException failure) {
    int status = failure.status();
    return failure.retriable()
        || status == TIMEOUT
        || status == TOO_MANY_REQUESTS
        || (status >= 500 && failure.appended().orElse(null) == Appended.UNKNOWN);
  }

  /** Whether this attempt has not appended anything and will not. */
  private static boolean isCertainlyNot(OttlaException failure) {
    return failure.appended().orElse(null) == Appended.NO
        || failure.getCause() instanceof ConnectException
        || failure.getCause() instanceof HttpConnectTimeoutException;
  }

  /** The answer came. Null if it says that everything was appended, else what it says. */
  OttlaException answered(Response answer) {
    if (answer.status() >= 300) {
      return failed(answer.failure());
    }
    Map<String, Object> document;
    try {
      document = answer.json();
    } catch (OttlaException e) {
      return failed(e);
    }
    Map<?, ?> partitions = document.get("partitions") instanceof Map<?, ?> map ? map : Map.of();
    OttlaException problem = null;
    for (Map.Entry<Integer, Share> entry : call.shares().entrySet()) {
      if (!entry.getValue().isDone()) {
        OttlaException failure =
            answered(entry.getValue(), partitions.get(entry.getKey().toString()), answer.status());
        problem = failure == null ? problem : failure;
      }
    }
    if (problem != null && !numbered) {
      call.encodeAnew(); // without what was appended
    }
    return problem;
  }

  private OttlaException answered(Share share, Object said, int status) {
    if (said instanceof Map<?, ?> result) {
      if (result.get("first") instanceof Long first
          && result.get("count") instanceof Long count
          && count == share.count()) {
        share.complete(first);
        return null;
      }
      if (result.get("error") instanceof Map<?, ?> error) {
        @SuppressWarnings("unchecked")
        Map<String, Object> problem = (Map<String, Object>) error;
        return failed(List.of(share), OttlaException.of(status, problem));
      }
    }
    return failed(
        List.of(share),
        OttlaException.noAnswer("bad_answer", "The answer does not fit the request.", null));
  }

  /** The whole attempt failed. */
  OttlaException failed(OttlaException failure) {
    boolean unknown = !isCertainlyNot(failure);
    String code = failure.code();
    if (numbered && (code.equals("unknown_producer") || code.equals("producer_expired"))) {
      return forgotten(failure);
    }
    if (!unknown && !call.isMaybeAppended() && index(failure) >= 0) {
      call.failOne(index(failure), failure.with(Appended.NO));
      call.encodeAnew();
      return failure;
    }
    return failed(call.unfinished().toList(), failure);
  }

  /** The index of the one event that was not accepted, or -1. */
  private int index(OttlaException failure) {
    return failure.attributes().get("index") instanceof Long index
            && index >= 0
            && index < call.count()
        ? index.intValue()
        : -1;
  }

  /**
   * The server does not know the producer: what earlier attempts may have appended is given up, the
   * rest goes on under a new number.
   */
  private OttlaException forgotten(OttlaException failure) {
    call.identity().forget(call.producerId());
    call.unfinished().filter(Share::isMaybeAppended).toList().forEach(share -> share.fail(failure));
    call.encodeAnew();
    return failure;
  }

  private OttlaException failed(List<Share> shares, OttlaException failure) {
    boolean unknown = !isCertainlyNot(failure);
    boolean again = mayWorkLater(failure) && (numbered || !unknown);
    for (Share share : shares) {
      if (unknown) {
        share.mayBeAppended();
      }
      if (!again) {
        share.fail(failure);
      }
    }
    return failure;
  }
}

package io.ottla.torture.run;

import io.ottla.testkit.Api;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/** Asks again while a healthy server answers 503: leadership may be on its way home. */
public final class Insistence {
  private static final long PATIENCE_NANOS = 30_000_000_000L;
  private static final long PAUSE_NANOS = 20_000_000L;

  private Insistence() {}

  /** The answer to a GET, or the last refusal when its time is over. */
  public static Api.Reply get(Api api, String path) throws IOException, InterruptedException {
    return insist(() -> api.get(path));
  }

  /** The same for a POST. */
  public static Api.Reply post(Api api, String path, JsonNode body)
      throws IOException, InterruptedException {
    return insist(() -> api.post(path, body));
  }

  private static Api.Reply insist(Callable<Api.Reply> request)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      try {
        Api.Reply reply = request.call();
        if (reply.status() != 503 || System.nanoTime() > deadline) {
          return reply;
        }
      } catch (IOException | InterruptedException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}

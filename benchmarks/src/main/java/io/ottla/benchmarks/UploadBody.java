package io.ottla.benchmarks;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * The lines of an upload: an endless round of page views, different ones, but alike as they are in
 * real life. Immutable.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record UploadBody(byte[] round, int linesPerRound) {
  private static final int LINES = 8_192;
  private static final long FIRST_MS = 1_790_000_000_000L;
  private static final String[] PAGES = {
    "/", "/basket", "/search?q=tea", "/product/4711", "/login"
  };

  /** A page view of one user. */
  private record View(String user, String json) {}

  static UploadBody ofValues() {
    return of(View::json);
  }

  static UploadBody ofEvents() {
    return of(view -> "{\"key\":\"" + view.user() + "\",\"value\":" + view.json() + "}");
  }

  private static UploadBody of(Function<View, String> line) {
    SplittableRandom random = new SplittableRandom(4711);
    ByteArrayOutputStream round = new ByteArrayOutputStream();
    for (int i = 0; i < LINES; i++) {
      byte[] bytes = (line.apply(view(random, i)) + "\n").getBytes(StandardCharsets.US_ASCII);
      round.write(bytes, 0, bytes.length);
    }
    return new UploadBody(round.toByteArray(), LINES);
  }

  private static View view(SplittableRandom random, int number) {
    String user = "u" + random.nextInt(10_000);
    String session = Long.toHexString(random.nextLong());
    String page = PAGES[random.nextInt(PAGES.length)];
    long atMs = FIRST_MS + 17L * number;
    String json =
        "{\"user\":\"%s\",\"session\":\"%s\",\"page\":\"%s\",\"at\":%d,\"ms\":%d}"
            .formatted(user, session, page, atMs, random.nextInt(2_000));
    return new View(user, json);
  }

  double meanLineBytes() {
    return (double) round.length / linesPerRound - 1;
  }
}

package io.ottla.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * Page views of a shop, about 100 bytes of JSON each: different ones, but alike as they are in real
 * life. An endless round; one owner at a time.
 */
final class PageViews {
  /** How many different ones there are. */
  static final int COUNT = 8_192;

  private static final long FIRST_MS = 1_790_000_000_000L;
  private static final String[] PAGES = {
    "/", "/basket", "/search?q=tea", "/product/4711", "/login"
  };

  private final View[] views = new View[COUNT];
  private int next;

  /** One view: who looked, and the whole of it. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record View(byte[] user, byte[] json) {}

  PageViews() {
    SplittableRandom random = new SplittableRandom(4711);
    for (int i = 0; i < COUNT; i++) {
      String user = "u" + random.nextInt(10_000);
      String session = Long.toHexString(random.nextLong());
      String page = PAGES[random.nextInt(PAGES.length)];
      String json =
          "{\"user\":\"%s\",\"session\":\"%s\",\"page\":\"%s\",\"at\":%d,\"ms\":%d}"
              .formatted(user, session, page, FIRST_MS + 17L * i, random.nextInt(2_000));
      views[i] = new View(ascii(user), ascii(json));
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  View next() {
    View view = views[next];
    next = (next + 1) % COUNT;
    return view;
  }
}

package io.ottla.benchmarks;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The lines of an upload: a round of page views that is sent again and again. Immutable. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record UploadBody(byte[] round, int linesPerRound) {

  /** Lines that are values. */
  static UploadBody ofValues() {
    return of("", "");
  }

  /** Lines that are events with a key. */
  static UploadBody ofEvents() {
    return of("{\"key\":\"", "\",\"value\":");
  }

  /** An event's beginning and what stands between its key and its value; empty for values alone. */
  private static UploadBody of(String beforeKey, String beforeValue) {
    PageViews views = new PageViews();
    ByteArrayOutputStream round = new ByteArrayOutputStream();
    for (int i = 0; i < PageViews.COUNT; i++) {
      PageViews.View view = views.next();
      round.writeBytes(ascii(beforeKey));
      if (!beforeKey.isEmpty()) {
        round.writeBytes(view.user());
      }
      round.writeBytes(ascii(beforeValue));
      round.writeBytes(view.json());
      round.writeBytes(ascii(beforeKey.isEmpty() ? "\n" : "}\n"));
    }
    return new UploadBody(round.toByteArray(), PageViews.COUNT);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  double meanLineBytes() {
    return (double) round.length / linesPerRound - 1;
  }
}

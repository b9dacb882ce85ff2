package io.ottla.http;

import io.helidon.http.Status;

/** HTTP's statuses by number, with the reason phrases that Helidon does not know. */
final class Statuses {
  private static final Status UNPROCESSABLE = Status.create(422, "Unprocessable Content");
  private static final Status TOO_MANY = Status.create(429, "Too Many Requests");
  private static final Status MULTI = Status.create(207, "Multi-Status");
  private static final Status STORAGE = Status.create(507, "Insufficient Storage");

  private Statuses() {}

  /** The status of that number. */
  static Status of(int code) {
    return switch (code) {
      case 200 -> Status.OK_200;
      case 201 -> Status.CREATED_201;
      case 204 -> Status.NO_CONTENT_204;
      case 207 -> MULTI;
      case 422 -> UNPROCESSABLE;
      case 429 -> TOO_MANY;
      case 507 -> STORAGE;
      default -> Status.create(code);
    };
  }
}

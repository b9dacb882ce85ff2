package io.ottla.http;

/** Which requests append events, so that their failures say whether any may have been appended. */
final class ProducingPath {
  private static final String PATH = "/events";

  private ProducingPath() {}

  /** Whether such a request, well-formed or not, is one. */
  static boolean matches(String method, String path) {
    return method.equals("POST") && path.startsWith(PATH);
  }
}

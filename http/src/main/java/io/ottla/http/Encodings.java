package io.ottla.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.encoding.ContentDecoder;
import io.helidon.http.encoding.ContentEncoder;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.encoding.ContentEncodingContextConfig;
import java.util.Locale;

/**
 * Which encodings bodies may have: gzip, and none. Helidon would refuse or decode by itself, before
 * any route; it is told to take every encoding as it is, so that the bounds and the answers are
 * ours. Answers are never encoded. Immutable.
 */
final class Encodings implements ContentEncodingContext {
  private final ContentEncodingContextConfig config =
      ContentEncodingContextConfig.builder()
          .contentEncodingsDiscoverServices(false)
          .buildPrototype();

  /** Whether the body is in gzip; refuses what is neither gzip nor plain. */
  static boolean isGzip(ServerRequestHeaders headers) throws ProblemException {
    if (!headers.contains(HeaderNames.CONTENT_ENCODING)) {
      return false;
    }
    return switch (String.join(",", headers.get(HeaderNames.CONTENT_ENCODING).allValues())
        .trim()
        .toLowerCase(Locale.ROOT)) {
      case "gzip", "x-gzip" -> true;
      case "identity", "" -> false;
      default ->
          throw new ProblemException(
              Problem.of(
                  415,
                  "unsupported_encoding",
                  "The Content-Encoding of a body must be gzip or identity."));
    };
  }

  @Override
  public boolean contentEncodingEnabled() {
    return false;
  }

  @Override
  public boolean contentDecodingEnabled() {
    return true;
  }

  @Override
  public boolean contentEncodingSupported(String encodingId) {
    return false;
  }

  @Override
  public boolean contentDecodingSupported(String encodingId) {
    return true;
  }

  @Override
  public ContentEncoder encoder(String encodingId) {
    return ContentEncoder.NO_OP;
  }

  @Override
  public ContentDecoder decoder(String encodingId) {
    return ContentDecoder.NO_OP;
  }

  @Override
  public ContentEncoder encoder(Headers headers) {
    return ContentEncoder.NO_OP;
  }

  @Override
  public ContentEncodingContextConfig prototype() {
    return config;
  }
}

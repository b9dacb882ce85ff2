package io.ottla.client;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What went wrong, in the server's words where it answered, else in the client's. Immutable.
 *
 * <p>A {@code code} is stable and meant for programs. Beside those of the server there are the
 * client's own: {@code connection_failed}, {@code request_timeout}, {@code bad_answer}, {@code
 * interrupted}, {@code delivery_timeout}, {@code buffer_full}, {@code record_too_large}, {@code
 * invalid_record}, {@code closed} and {@code wakeup}.
 */
public final class OttlaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** 0 if there was no answer. */
  private final int status;

  /** Never null. */
  private final String code;

  /** What the server said, or what its absence means. */
  private final boolean retriable;

  /** Null if nothing was to be produced. */
  private final Appended appended;

  private final transient Map<String, Object> attributes;

  /** Whether what could not be produced is in the log all the same. */
  public enum Appended {
    /** It is not, and will not be. */
    NO,
    /** It may be. */
    UNKNOWN
  }

  private OttlaException(
      String message, int status, String code, boolean retriable, Appended appended) {
    this(message, status, code, retriable, appended, Map.of());
  }

  private OttlaException(
      String message,
      int status,
      String code,
      boolean retriable,
      Appended appended,
      Map<String, Object> attributes) {
    super(message);
    this.status = status;
    this.code = code;
    this.retriable = retriable;
    this.appended = appended;
    this.attributes = attributes;
  }

  /** A failure that the client itself found. */
  static OttlaException of(String code, String message) {
    return new OttlaException(message, 0, code, false, null);
  }

  /** A failure that the client itself found, of something that was never sent. */
  static OttlaException notSent(String code, String message) {
    return new OttlaException(message, 0, code, false, Appended.NO);
  }

  /** The server gave no answer, or none that can be read. */
  static OttlaException noAnswer(String code, String message, Throwable cause) {
    OttlaException e = new OttlaException(message, 0, code, true, null);
    if (cause != null) {
      e.initCause(cause);
    }
    return e;
  }

  /** What a problem document of a status says, or an {@code error} within an answer. */
  static OttlaException of(int status, Map<String, Object> problem) {
    return new OttlaException(
        sentence(status, problem),
        status,
        problem.get("code") instanceof String code ? code : "http_" + status,
        problem.get("retriable") instanceof Boolean retriable ? retriable : status >= 500,
        appended(problem.get("appended")),
        new LinkedHashMap<>(problem));
  }

  private static Appended appended(Object value) {
    if (value == null) {
      return null;
    }
    return Boolean.FALSE.equals(value) ? Appended.NO : Appended.UNKNOWN;
  }

  private static String sentence(int status, Map<String, Object> problem) {
    if (problem.get("detail") instanceof String detail) {
      return detail;
    }
    if (problem.get("title") instanceof String title) {
      return title;
    }
    return problem.get("code") instanceof String code
        ? "The server answered " + code + "."
        : "The server answered with status " + status + ".";
  }

  /** The same failure, saying whether the records it concerns are in the log. */
  OttlaException with(Appended known) {
    OttlaException e =
        new OttlaException(getMessage(), status, code, retriable, known, attributes());
    e.initCause(this);
    return e;
  }

  /**
   * The status of the server's answer.
   *
   * @return the HTTP status; 0 if there was no answer
   */
  public int status() {
    return status;
  }

  /**
   * What went wrong, for programs.
   *
   * @return the server's code, or one of the client's own
   */
  public String code() {
    return code;
  }

  /**
   * Whether the same may work later.
   *
   * @return the server's word, or true if it gave none
   */
  public boolean retriable() {
    return retriable;
  }

  /**
   * Whether the records that this is about are in the log.
   *
   * @return nothing if nothing was to be produced
   */
  public Optional<Appended> appended() {
    return Optional.ofNullable(appended);
  }

  /**
   * All that the server's problem document says.
   *
   * @return the document's members, as maps, lists, strings, numbers and booleans; empty if there
   *     was none
   */
  public Map<String, Object> attributes() {
    return attributes == null ? Map.of() : attributes;
  }
}

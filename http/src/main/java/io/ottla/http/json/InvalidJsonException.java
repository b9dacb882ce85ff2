package io.ottla.http.json;

import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;

/** A request that cannot be read: the refusal names the field and says why. Carries no stack. */
public final class InvalidJsonException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Refusal refusal;

  /** A refusal of the whole request. */
  public InvalidJsonException(Refusal refusal) {
    super(refusal.detail(), null, false, false);
    this.refusal = refusal;
  }

  /** A bad field. */
  public static InvalidJsonException field(String field, String detail) {
    return new InvalidJsonException(Refusal.invalid(field, detail));
  }

  /** A body that is no JSON, or none that may be. */
  public static InvalidJsonException body(String detail) {
    return new InvalidJsonException(Refusal.of(RefusalCode.INVALID_REQUEST, detail));
  }

  /** What is wrong. */
  public Refusal refusal() {
    return refusal;
  }
}

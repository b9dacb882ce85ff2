package io.ottla.client;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * A header of a record: a name, and bytes or nothing. Immutable, as long as nobody changes the
 * array.
 *
 * @param name may occur several times in a record
 * @param value may be null
 */
@SuppressWarnings("ArrayRecordComponent")
public record Header(String name, byte[] value) {
  /** Checks that there is a name. */
  public Header {
    Objects.requireNonNull(name, "name");
  }

  /**
   * A header whose value is a text.
   *
   * @param name the name
   * @param value the text, kept as UTF-8
   * @return the header
   */
  public static Header of(String name, String value) {
    return new Header(name, value.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The value as text.
   *
   * @return the value read as UTF-8, or null if there is none
   */
  public String text() {
    return value == null ? null : new String(value, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Header header
        && name.equals(header.name)
        && Arrays.equals(value, header.value);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + Arrays.hashCode(value);
  }

  @Override
  public String toString() {
    return name + "=" + text();
  }
}

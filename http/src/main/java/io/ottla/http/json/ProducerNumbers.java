package io.ottla.http.json;

import io.ottla.broker.produce.ProducerSequence;
import java.util.Optional;
import java.util.OptionalLong;

/** A producer's id and sequence, from one of the places where a request may say them. Immutable. */
public record ProducerNumbers(OptionalLong id, OptionalLong sequence) {
  /** Neither. */
  public static final ProducerNumbers NONE =
      new ProducerNumbers(OptionalLong.empty(), OptionalLong.empty());

  /** Those of these fields. */
  public static ProducerNumbers of(Fields fields, String idField, String sequenceField)
      throws InvalidJsonException {
    return new ProducerNumbers(
        fields.longInteger(idField, 1, Long.MAX_VALUE),
        fields.longInteger(sequenceField, 0, Long.MAX_VALUE));
  }

  /** These and those of another place; each may be said once. */
  public ProducerNumbers and(ProducerNumbers other) throws InvalidJsonException {
    return new ProducerNumbers(
        either("producer_id", id, other.id), either("sequence", sequence, other.sequence));
  }

  private static OptionalLong either(String name, OptionalLong one, OptionalLong other)
      throws InvalidJsonException {
    if (one.isPresent() && other.isPresent()) {
      throw InvalidJsonException.field(name, "\"" + name + "\" is given in two places.");
    }
    return one.isPresent() ? one : other;
  }

  /** Both, or neither. */
  public Optional<ProducerSequence> toSequence() throws InvalidJsonException {
    if (id.isEmpty() && sequence.isEmpty()) {
      return Optional.empty();
    }
    if (id.isEmpty()) {
      throw InvalidJsonException.field("producer_id", "A \"sequence\" needs a \"producer_id\".");
    }
    if (sequence.isEmpty()) {
      throw InvalidJsonException.field("sequence", "A \"producer_id\" needs a \"sequence\".");
    }
    return Optional.of(new ProducerSequence(id.getAsLong(), sequence.getAsLong()));
  }
}

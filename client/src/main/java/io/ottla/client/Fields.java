package io.ottla.client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The members of a JSON object that the server answered with. What should be there and is not, or
 * is of another type, is an {@link OttlaException}. Immutable.
 */
record Fields(Map<String, Object> members) {
  static Fields of(Response response) {
    return new Fields(response.json());
  }

  String text(String name) {
    return required(name, optionalText(name));
  }

  /** Null if there is none. */
  String optionalText(String name) {
    return typed(name, String.class);
  }

  int integer(String name) {
    return Math.toIntExact(number(name));
  }

  long number(String name) {
    return required(name, optionalNumber(name));
  }

  /** Null if there is none. */
  Long optionalNumber(String name) {
    return typed(name, Long.class);
  }

  /** A number that may have a fraction. */
  double decimal(String name) {
    return required(name, typed(name, Number.class)).doubleValue();
  }

  boolean flag(String name) {
    return required(name, typed(name, Boolean.class));
  }

  /** The objects of an array; empty if there is no such array. */
  <T> List<T> objects(String name, Function<Fields, T> read) {
    List<T> objects = new ArrayList<>();
    for (Object element : array(name)) {
      objects.add(read.apply(new Fields(object(name, element))));
    }
    return List.copyOf(objects);
  }

  /** The whole numbers of an array; empty if there is no such array. */
  List<Integer> integers(String name) {
    List<Integer> integers = new ArrayList<>();
    for (Object element : array(name)) {
      if (!(element instanceof Long number)) {
        throw unexpected(name);
      }
      integers.add(Math.toIntExact(number));
    }
    return List.copyOf(integers);
  }

  /** All members as a document. */
  String json() {
    return new String(Json.write(members), StandardCharsets.UTF_8);
  }

  private List<?> array(String name) {
    List<?> elements = typed(name, List.class);
    return elements == null ? List.of() : elements;
  }

  @SuppressWarnings("unchecked") // the names of a JSON object's members are strings
  private static Map<String, Object> object(String name, Object element) {
    if (element instanceof Map<?, ?> object) {
      return (Map<String, Object>) object;
    }
    throw unexpected(name);
  }

  private <T> T typed(String name, Class<T> type) {
    Object value = members.get(name);
    if (value != null && !type.isInstance(value)) {
      throw unexpected(name);
    }
    return type.cast(value);
  }

  private static <T> T required(String name, T value) {
    if (value == null) {
      throw unexpected(name);
    }
    return value;
  }

  private static OttlaException unexpected(String name) {
    return OttlaException.noAnswer(
        "bad_answer", "The answer's \"" + name + "\" is missing or of another type.", null);
  }
}

package io.ottla.http.json;

import io.ottla.broker.consume.StartFrom;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The fields of a request, from its query and its JSON body: each is known, given once, and of the
 * type and range it is asked for. A JSON {@code null} is the same as leaving the field out. In the
 * query everything is text and is read as what the field wants. Immutable.
 */
public final class Fields {
  private static final int MAX_DIGITS = 18;
  private static final int MAX_NUMBER_CHARS = 40;
  private static final Pattern NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

  private final Map<String, Object> values;
  private final String path;

  /** Text out of a query, which may stand for any type. */
  private record QueryText(String text) {}

  private Fields(Map<String, Object> values, String path) {
    this.values = values;
    this.path = path;
  }

  /**
   * The fields of a query and of the body {@code body[0, lengthBytes)}, which may be empty.
   *
   * @param known the names that may occur
   */
  public static Fields read(
      Map<String, String> query, byte[] body, int lengthBytes, Set<String> known)
      throws InvalidJsonException {
    Map<String, Object> values = new LinkedHashMap<>();
    for (Map.Entry<String, String> parameter : query.entrySet()) {
      values.put(parameter.getKey(), new QueryText(parameter.getValue()));
    }
    if (lengthBytes > 0) {
      for (Map.Entry<String, Object> member : JsonTree.readObject(body, lengthBytes).entrySet()) {
        if (values.containsKey(member.getKey())) {
          throw ProduceBody.both(member.getKey());
        }
        values.put(member.getKey(), member.getValue());
      }
    }
    return new Fields(values, "").checked(known);
  }

  private Fields checked(Set<String> known) throws InvalidJsonException {
    for (String name : values.keySet()) {
      if (!known.contains(name)) {
        throw InvalidJsonException.field(path + name, "Unknown field \"" + path + name + "\".");
      }
    }
    values.values().removeIf(value -> value == null);
    return this;
  }

  /** Whether the field was given. */
  public boolean has(String name) {
    return values.containsKey(name);
  }

  /** A field that must be there. */
  public String requiredText(String name) throws InvalidJsonException {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      throw missing(name);
    }
    return text.get();
  }

  /** A string. */
  public Optional<String> text(String name) throws InvalidJsonException {
    return switch (values.get(name)) {
      case null -> Optional.empty();
      case String text -> Optional.of(text);
      case QueryText(String text) -> Optional.of(text);
      default -> throw invalid(name, "must be a string");
    };
  }

  /** A whole number from {@code lowest} to {@code highest}. */
  public OptionalInt integer(String name, int lowest, int highest) throws InvalidJsonException {
    OptionalLong number = longInteger(name, lowest, highest);
    return number.isEmpty()
        ? OptionalInt.empty()
        : OptionalInt.of(Math.toIntExact(number.getAsLong()));
  }

  /** A whole number from {@code lowest} to {@code highest}. */
  public OptionalLong longInteger(String name, long lowest, long highest)
      throws InvalidJsonException {
    String digits =
        switch (values.get(name)) {
          case null -> null;
          case JsonTree.Numeral(String text, boolean whole) when whole -> text;
          case QueryText(String text) when isWhole(text) -> text;
          default -> throw invalid(name, "must be a whole number");
        };
    if (digits == null) {
      return OptionalLong.empty();
    }
    long number = digits.length() > MAX_DIGITS ? Long.MIN_VALUE : Long.parseLong(digits);
    if (number < lowest || number > highest || digits.length() > MAX_DIGITS) {
      throw invalid(
          name,
          highest == Long.MAX_VALUE
              ? "must be a whole number of at least " + lowest
              : "must be from " + lowest + " to " + highest);
    }
    return OptionalLong.of(number);
  }

  /** A finite number, with or without a fraction. */
  public OptionalDouble number(String name) throws InvalidJsonException {
    String text =
        switch (values.get(name)) {
          case null -> null;
          case JsonTree.Numeral(String written, boolean whole) -> written;
          case QueryText(String written) when NUMBER.matcher(written).matches() -> written;
          default -> throw invalid(name, "must be a number");
        };
    if (text == null) {
      return OptionalDouble.empty();
    }
    double number = text.length() > MAX_NUMBER_CHARS ? Double.NaN : Double.parseDouble(text);
    if (!Double.isFinite(number)) {
      throw invalid(name, "is out of range");
    }
    return OptionalDouble.of(number);
  }

  /** True or false. */
  public Optional<Boolean> bool(String name) throws InvalidJsonException {
    return switch (values.get(name)) {
      case null -> Optional.empty();
      case Boolean value -> Optional.of(value);
      case QueryText(String text) when text.equals("true") -> Optional.of(true);
      case QueryText(String text) when text.equals("false") -> Optional.of(false);
      default -> throw invalid(name, "must be true or false");
    };
  }

  /** Where to start: earliest, latest, milliseconds since the epoch, or an ISO time. */
  public Optional<StartFrom> startFrom(String name) throws InvalidJsonException {
    return switch (values.get(name)) {
      case null -> Optional.empty();
      case JsonTree.Numeral(String text, boolean whole) when whole ->
          Optional.of(startAt(name, text));
      case String text -> Optional.of(startAt(name, text));
      case QueryText(String text) -> Optional.of(startAt(name, text));
      default -> throw notAStart(name);
    };
  }

  private StartFrom startAt(String name, String text) throws InvalidJsonException {
    if (text.equals("earliest")) {
      return new StartFrom.Earliest();
    }
    if (text.equals("latest")) {
      return new StartFrom.Latest();
    }
    if (isWhole(text) && text.length() <= MAX_DIGITS && text.charAt(0) != '-') {
      return new StartFrom.At(Long.parseLong(text));
    }
    try {
      // In a query, "+" stands for a space: put the sign of a time's zone back.
      Instant at =
          DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text.replace(' ', '+'), Instant::from);
      return new StartFrom.At(at.toEpochMilli());
    } catch (DateTimeParseException | ArithmeticException e) {
      throw notAStart(name);
    }
  }

  private InvalidJsonException notAStart(String name) {
    return invalid(
        name, "must be earliest, latest, milliseconds since the epoch or an ISO time with a zone");
  }

  /** A list of strings; empty if it was not given. */
  public List<String> texts(String name) throws InvalidJsonException {
    Object value = values.get(name);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> elements)) {
      throw invalid(name, "must be a list of strings");
    }
    List<String> texts = new ArrayList<>();
    for (Object element : elements) {
      if (!(element instanceof String text)) {
        throw invalid(name, "must be a list of strings");
      }
      texts.add(text);
    }
    return texts;
  }

  /** A list of objects, each with its own fields; empty if it was not given. */
  public List<Fields> objects(String name, Set<String> known) throws InvalidJsonException {
    Object value = values.get(name);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> elements)) {
      throw invalid(name, "must be a list of objects");
    }
    List<Fields> objects = new ArrayList<>();
    for (Object element : elements) {
      if (!(element instanceof Map<?, ?> members)) {
        throw invalid(name, "must be a list of objects");
      }
      Map<String, Object> copy = new LinkedHashMap<>();
      members.forEach((key, member) -> copy.put((String) key, member));
      String elementPath = path + name + "[" + objects.size() + "].";
      objects.add(new Fields(copy, elementPath).checked(known));
    }
    return objects;
  }

  /** What to say of a required field that is not there. */
  public InvalidJsonException missing(String name) {
    return InvalidJsonException.field(path + name, "\"" + path + name + "\" is required.");
  }

  /** What to say of a field whose value cannot be: {@code must be …}. */
  public InvalidJsonException invalid(String name, String rule) {
    return InvalidJsonException.field(path + name, "\"" + path + name + "\" " + rule + ".");
  }

  private static boolean isWhole(String text) {
    int from = text.startsWith("-") ? 1 : 0;
    if (from == text.length()) {
      return false;
    }
    for (int i = from; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }
}

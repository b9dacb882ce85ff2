package io.ottla.cli.consume;

import io.ottla.cli.terminal.CommandFailure;
import io.ottla.cli.terminal.Console;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** How an event is printed. Immutable. */
final class EventFormat {
  private final List<Function<EventLine, byte[]>> parts;

  private EventFormat(List<Function<EventLine, byte[]>> parts) {
    this.parts = List.copyOf(parts);
  }

  /** The value and a line feed. */
  static EventFormat values() {
    return new EventFormat(List.of(EventLine::value, literal("\n")));
  }

  /** The server's own line. */
  static EventFormat json() {
    return new EventFormat(List.of(EventLine::json, literal("\n")));
  }

  /** Text in which {@code %k} and the like stand for parts of the event, and \n for a line feed. */
  static EventFormat of(String format) {
    List<Function<EventLine, byte[]>> parts = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if ((c == '%' || c == '\\') && i + 1 == format.length()) {
        throw CommandFailure.usage("the format ends with a lone " + c);
      }
      if (c == '%' && format.charAt(i + 1) != '%') {
        parts.add(literal(text.toString()));
        text.setLength(0);
        parts.add(part(format.charAt(++i)));
      } else if (c == '%') {
        text.append(format.charAt(++i));
      } else if (c == '\\') {
        text.append(escaped(format.charAt(++i)));
      } else {
        text.append(c);
      }
    }
    parts.add(literal(text.toString()));
    return new EventFormat(parts);
  }

  private static Function<EventLine, byte[]> literal(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return _ -> bytes;
  }

  private static Function<EventLine, byte[]> part(char letter) {
    return switch (letter) {
      case 'k' -> EventLine::key;
      case 'v' -> EventLine::value;
      case 'o' -> line -> number(line.offset());
      case 'p' -> line -> number(line.partition());
      case 't' -> line -> number(line.timestamp());
      case 'T' -> EventLine::topic;
      case 'h' -> EventLine::headers;
      default ->
          throw CommandFailure.usage(
              "%" + letter + " is none of %k %v %o %p %t %T %h and %% in a format");
    };
  }

  private static char escaped(char letter) {
    return switch (letter) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case '0' -> '\0';
      case '\\' -> '\\';
      default ->
          throw CommandFailure.usage(
              "\\" + letter + " is none of \\n \\t \\r \\0 and \\\\ in a format");
    };
  }

  private static byte[] number(long number) {
    return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
  }

  void print(Console console, EventLine line) {
    for (Function<EventLine, byte[]> part : parts) {
      console.write(part.apply(line));
    }
  }
}

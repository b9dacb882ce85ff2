package io.ottla.http.json;

import java.util.List;
import java.util.Random;

/** Random JSON text, in as many spellings as there are. */
final class RandomJson {
  private static final String[] SPACES = {"", "", "", " ", "\n", "\t ", "\r\n"};
  private static final String[] NUMBERS = {
    "0", "-0", "1", "-17", "3.25", "1e5", "-2.5E-3", "12345678901234567890", "0.1e+2"
  };

  private RandomJson() {}

  /** What an event of a batch must be read as: its value's text; null for none. */
  record ExpectedEvent(String valueText) {}

  static String batch(Random random, List<ExpectedEvent> expected) {
    StringBuilder out = new StringBuilder();
    out.append(space(random)).append("{");
    boolean topicFirst = random.nextBoolean();
    if (topicFirst) {
      out.append(space(random)).append("\"topic\":").append(quoted(random, "töpic")).append(",");
    }
    out.append(space(random)).append("\"events\"").append(space(random)).append(":[");
    int events = 1 + random.nextInt(8);
    for (int i = 0; i < events; i++) {
      out.append(i > 0 ? "," : "").append(space(random));
      expected.add(event(random, out));
      out.append(space(random));
    }
    out.append("]").append(space(random));
    if (!topicFirst) {
      out.append(",\"topic\":\"t\"");
    }
    return out.append("}").append(space(random)).toString();
  }

  private static ExpectedEvent event(Random random, StringBuilder out) {
    String value = random.nextInt(10) == 0 ? "null" : value(random, 0);
    boolean hasValue = random.nextInt(10) > 0;
    out.append("{").append(space(random));
    String comma = "";
    if (hasValue) {
      out.append("\"value\"").append(space(random)).append(":").append(space(random));
      out.append(value).append(space(random));
      comma = ",";
    }
    if (random.nextBoolean()) {
      out.append(comma).append(space(random)).append("\"key\":").append(space(random));
      out.append(random.nextInt(5) == 0 ? "null" : quoted(random, text(random)));
      comma = ",";
    }
    if (random.nextInt(4) == 0) {
      out.append(comma).append("\"headers\":{\"a\":").append(quoted(random, text(random)));
      out.append(",\"b\" : ").append(quoted(random, "")).append("}");
    }
    out.append(space(random)).append("}");
    return new ExpectedEvent(hasValue && !value.equals("null") ? value : null);
  }

  static String value(Random random, int depth) {
    return switch (random.nextInt(depth > 4 ? 4 : 6)) {
      case 0 -> NUMBERS[random.nextInt(NUMBERS.length)];
      case 1 -> random.nextBoolean() ? "true" : "false";
      case 2, 3 -> quoted(random, text(random));
      case 4 -> {
        StringBuilder list = new StringBuilder("[").append(space(random));
        int size = random.nextInt(4);
        for (int i = 0; i < size; i++) {
          list.append(i > 0 ? "," : "").append(value(random, depth + 1)).append(space(random));
        }
        yield list.append("]").toString();
      }
      default -> {
        StringBuilder object = new StringBuilder("{").append(space(random));
        int size = random.nextInt(4);
        for (int i = 0; i < size; i++) {
          object.append(i > 0 ? "," : "").append(space(random));
          object.append(quoted(random, i + text(random))).append(space(random)).append(":");
          object.append(space(random)).append(value(random, depth + 1));
        }
        yield object.append("}").toString();
      }
    };
  }

  /** Text of any characters, pairs of surrogates included. */
  static String text(Random random) {
    StringBuilder text = new StringBuilder();
    int size = random.nextInt(random.nextInt(20) == 0 ? 3000 : 12);
    for (int i = 0; i < size; i++) {
      switch (random.nextInt(8)) {
        case 0 -> text.append((char) random.nextInt(0x20));
        case 1 -> text.append("\"\\/".charAt(random.nextInt(3)));
        case 2 -> text.append((char) (0x80 + random.nextInt(0x700)));
        case 3 -> text.appendCodePoint(0x10000 + random.nextInt(0x1000));
        case 4 -> text.append((char) (0xe000 + random.nextInt(0x1000)));
        default -> text.append((char) (' ' + random.nextInt(95)));
      }
    }
    return text.toString();
  }

  private static String quoted(Random random, String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int c : text.codePoints().toArray()) {
      if (c < 0x20 || c == '"' || c == '\\' || random.nextInt(12) == 0) {
        boolean simple = (c == '"' || c == '\\' || c == '/') && random.nextBoolean();
        if (simple) {
          out.append('\\').append((char) c);
        } else {
          // Both halves of a pair, or none: a parser need not join a half with what follows it.
          Character.toString(c).chars().forEach(half -> out.append("\\u%04x".formatted(half)));
        }
      } else {
        out.appendCodePoint(c);
      }
    }
    return out.append("\"").toString();
  }

  private static String space(Random random) {
    return SPACES[random.nextInt(SPACES.length)];
  }
}

package io.ottla.cli.terminal;

/** Quantities as people read them. */
public final class Text {
  private Text() {}

  /** Hours of retention: {@code 168 h}, {@code 30 min}, {@code for ever}. */
  public static String retention(double hours) {
    if (hours < 0) {
      return "for ever";
    }
    double minutes = hours * 60;
    return hours >= 1 ? number(hours) + " h" : number(minutes) + " min";
  }

  /** A number without a fraction that is nothing. */
  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  /** A text as a JSON string. */
  public static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}

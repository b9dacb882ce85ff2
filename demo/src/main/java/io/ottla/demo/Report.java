package io.ottla.demo;

import java.io.Console;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the demo prints, and which of its checks have failed. One owner at a time. */
final class Report {
  private static final String INDENT = "   ";

  private final PrintStream out;
  private final boolean coloured;
  private final List<String> failures = new ArrayList<>();
  private int checks;
  private int chapters;

  Report(PrintStream out, boolean coloured) {
    this.out = out;
    this.coloured = coloured;
  }

  /** Colours only for a person who looks on and has not asked for none. */
  static Report onStandardOutput() {
    boolean terminal =
        Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    return new Report(System.out, terminal && System.getenv("NO_COLOR") == null);
  }

  void title(String text) {
    out.println(paint("1", text));
  }

  void chapter(String text) {
    out.println();
    chapters++;
    out.println(paint("1", "%-3d%s".formatted(chapters, text)));
  }

  void line(String text) {
    out.println(INDENT + text);
  }

  /** A claim that was checked; {@code otherwise} says what is there instead. */
  void check(boolean holds, String claim, Object otherwise) {
    checks++;
    if (holds) {
      out.println(INDENT + paint("32", "✓ ") + claim);
    } else {
      failures.add(claim + ": " + otherwise);
      out.println(INDENT + paint("31", "✗ ") + claim + ": " + otherwise);
    }
  }

  /** The last words; true if nothing failed. */
  boolean conclude() {
    out.println();
    if (failures.isEmpty()) {
      out.println(paint("1;32", "everything checked: " + checks + " claims, all of them true"));
    } else {
      out.println(paint("1;31", failures.size() + " of " + checks + " claims are not true:"));
      failures.forEach(failure -> out.println(INDENT + failure));
    }
    return failures.isEmpty();
  }

  private String paint(String code, String text) {
    return coloured ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}

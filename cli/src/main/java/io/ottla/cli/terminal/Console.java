package io.ottla.cli.terminal;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A shell's view of a command: data comes in at one end and goes out at the other, and everything
 * else is said beside it. One owner at a time.
 */
public final class Console {
  private static final int OUT_BUFFER_BYTES = 64 * 1024;

  private final InputStream in;
  private final OutputStream out;
  private final PrintStream err;
  private final Map<String, String> environment;
  private final boolean outIsTerminal;
  private final boolean errIsTerminal;

  /**
   * A console on those streams.
   *
   * @param err for messages
   * @param terminals the numbers of the streams that are terminals: of {@code "12"} both standard
   *     output and standard error
   */
  public Console(
      InputStream in,
      OutputStream out,
      OutputStream err,
      Map<String, String> environment,
      String terminals) {
    this.in = in;
    this.out = new BufferedOutputStream(out, OUT_BUFFER_BYTES);
    this.err = new PrintStream(err, true, StandardCharsets.UTF_8);
    this.environment = environment;
    this.outIsTerminal = terminals.contains("1");
    this.errIsTerminal = terminals.contains("2");
  }

  /** Standard input. */
  public InputStream in() {
    return in;
  }

  /** A variable of the environment; null if it is not set, or empty. */
  public String variable(String name) {
    String value = environment.get(name);
    return value == null || value.isEmpty() ? null : value;
  }

  /** Whether messages go to a terminal. */
  public boolean errIsTerminal() {
    return errIsTerminal;
  }

  /** The text in bold, if the output is a terminal and nobody has said no to colours. */
  String emphasized(String text) {
    return outIsTerminal && variable("NO_COLOR") == null ? "\u001B[1m" + text + "\u001B[0m" : text;
  }

  /** Writes a line of data. */
  public void line(String text) {
    write(text.getBytes(StandardCharsets.UTF_8));
    write('\n');
  }

  /** Writes data. */
  public void write(byte[] bytes) {
    write(bytes, 0, bytes.length);
  }

  /** Writes {@code bytes[from, to)}. */
  public void write(byte[] bytes, int from, int to) {
    try {
      out.write(bytes, from, to - from);
    } catch (IOException e) {
      throw new ClosedOutputException(e);
    }
  }

  /** Writes one byte. */
  public void write(int oneByte) {
    try {
      out.write(oneByte);
    } catch (IOException e) {
      throw new ClosedOutputException(e);
    }
  }

  /** Hands all data on that was written so far. */
  public void flush() {
    try {
      out.flush();
    } catch (IOException e) {
      throw new ClosedOutputException(e);
    }
  }

  /** A writer of data; what it was given must be flushed. */
  public PrintWriter writer() {
    return new PrintWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
  }

  /** Says something that is not data. */
  public void say(String message) {
    err.println(message);
  }

  /** Says something that the next message may overwrite; without a line's end. */
  public void sayInPlace(String message) {
    err.print(message);
    err.flush();
  }

  /** A writer of messages. */
  public PrintWriter messages() {
    return new PrintWriter(new OutputStreamWriter(err, StandardCharsets.UTF_8), true);
  }

  /** Whoever read the output has enough of it. */
  public static final class ClosedOutputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private ClosedOutputException(IOException cause) {
      super(cause);
    }
  }
}

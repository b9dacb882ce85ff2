package io.ottla.http.upload;

import io.ottla.broker.Refusal;
import io.ottla.broker.produce.ProduceRequest.Event;
import io.ottla.broker.produce.ProduceStream.NumberedEvent;
import io.ottla.http.ArrivingBody;
import io.ottla.http.Problem;
import io.ottla.http.ProblemException;
import io.ottla.http.RequestMemory;
import io.ottla.http.json.InvalidJsonException;
import io.ottla.http.json.LineParser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Reads an upload's body to its end, or to the first line that is none: cuts it into lines, makes
 * events of them and hands those over. Lines end with LF or CRLF, the last one may end with the
 * body; blank ones are passed over, but counted. Run once, on a thread of its own.
 *
 * <p>Events are slices of the buffer that their bytes were read into, so that a buffer is written
 * again only when nothing of it waits to be committed; else the reader goes on in a new one.
 * Buffers grow while the reader is ahead of the committer. What is larger than the first one is
 * taken from the memory for bodies; if there is none left, the reader makes do with the buffer that
 * it has and waits for each piece.
 */
final class LineReader implements Runnable {
  /** A record has at most 3 MiB, which base64 makes a third larger. */
  static final int MAX_LINE_BYTES = 8 * 1024 * 1024;

  private static final int FIRST_BUFFER_BYTES = 16 * 1024;
  private static final int USUAL_BUFFER_BYTES = 256 * 1024;
  private static final int MOST_EVENTS_AT_ONCE = 1024;
  private static final int MOST_BYTES_AT_ONCE = 256 * 1024;

  /** About what an event takes beside the bytes of its line. */
  private static final int EVENT_BYTES = 128;

  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final ArrivingBody body;
  private final LineParser parser;
  private final Function<Event, Refusal> check;
  private final Pieces pieces;
  private final UploadMemory memory;

  private byte[] buffer = new byte[FIRST_BUFFER_BYTES];

  /** What was taken for the buffer. */
  private long heldBytes;

  /** Where the line begins that is not read yet; before it are events. */
  private int lineFrom;

  /** Up to where there is no end of that line. */
  private int searchedTo;

  /** Behind what has arrived. */
  private int end;

  /** That line's number, from 0. */
  private long line;

  private List<NumberedEvent> parsed = new ArrayList<>();
  private int parsedBytes;

  /**
   * A reader of {@code body}.
   *
   * @param check why the topic does not take an event; null if it does
   */
  LineReader(
      ArrivingBody body,
      LineParser parser,
      Function<Event, Refusal> check,
      Pieces pieces,
      UploadMemory memory) {
    this.body = body;
    this.parser = parser;
    this.check = check;
    this.pieces = pieces;
    this.memory = memory;
  }

  @Override
  public void run() {
    Problem problem =
        new Problem(500, "internal_error", false, "The server failed; its log says why.", Map.of());
    try {
      problem = readAll();
      handOver();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      pieces.end(problem);
    }
  }

  /** Reads to the end; why it did not come so far, null if it did. */
  private Problem readAll() throws InterruptedException {
    try {
      int read = 0;
      while (read >= 0 && !body.isAbandoned()) {
        read = body.read(buffer, end, buffer.length - end);
        end += Math.max(0, read);
        parseLines();
        handOver();
        if (end == buffer.length) {
          makeRoom();
        }
      }
      if (lineFrom < end) {
        parse(end);
      }
      return null;
    } catch (ProblemException e) {
      return e.problem();
    } catch (InvalidJsonException e) {
      return Problem.of(e.refusal()).with("line", line + 1);
    }
  }

  private void parseLines() throws InvalidJsonException, ProblemException, InterruptedException {
    while (true) {
      int lineEnd = lineEnd();
      if (lineEnd < 0) {
        if (end - lineFrom > MAX_LINE_BYTES) {
          throw tooLong();
        }
        return;
      }
      parse(lineEnd);
      lineFrom = lineEnd + 1;
      searchedTo = lineFrom;
      line++;
    }
  }

  private int lineEnd() {
    byte[] bytes = buffer;
    int to = end;
    for (int i = searchedTo; i < to; i++) {
      if (bytes[i] == '\n') {
        return i;
      }
    }
    searchedTo = to;
    return -1;
  }

  /** Reads the line up to its end. */
  private void parse(int lineEnd)
      throws InvalidJsonException, ProblemException, InterruptedException {
    int from = LineParser.begin(buffer, lineFrom, lineEnd, line == 0);
    int to = LineParser.end(buffer, from, lineEnd);
    if (from == to) {
      return;
    }
    if (to - from > MAX_LINE_BYTES) {
      throw tooLong();
    }
    Event event = parser.parse(buffer, from, to);
    Refusal refusal = check.apply(event);
    if (refusal != null) {
      throw new InvalidJsonException(refusal);
    }
    boolean enough =
        parsed.size() == MOST_EVENTS_AT_ONCE || parsedBytes + to - from > MOST_BYTES_AT_ONCE;
    if (enough) {
      handOver();
    }
    parsed.add(new NumberedEvent(line, event));
    parsedBytes += to - from;
  }

  private ProblemException tooLong() {
    return new ProblemException(
        Problem.of(
                413,
                "record_too_large",
                "A line may have at most " + MAX_LINE_BYTES / (1024 * 1024) + " MiB.")
            .with("line", line + 1));
  }

  private void handOver() throws InterruptedException {
    if (parsed.isEmpty()) {
      return;
    }
    long held = (long) EVENT_BYTES * parsed.size();
    if (!memory.tryTake(held)) {
      pieces.awaitIdle();
      held = 0;
    }
    pieces.put(parsed, parsedBytes, held);
    parsed = new ArrayList<>();
    parsedBytes = 0;
  }

  /** The buffer is full: goes on behind the beginning of the line that is not there yet. */
  private void makeRoom() throws ProblemException, InterruptedException {
    int tailBytes = end - lineFrom;
    boolean longLine = tailBytes > buffer.length / 2;
    if (!longLine && buffer.length <= USUAL_BUFFER_BYTES && pieces.isIdle()) {
      moveTail(buffer);
      return;
    }
    int wanted =
        Math.max(
            Math.min(2 * buffer.length, USUAL_BUFFER_BYTES),
            tailBytes > USUAL_BUFFER_BYTES / 2 ? Math.min(2 * tailBytes, MAX_LINE_BYTES + 2) : 0);
    if (!memory.tryTake(wanted)) {
      pieces.awaitIdle();
      if (!pieces.isIdle()) {
        return; // the upload is over, and its buffer may still be on its way
      }
      if (tailBytes < buffer.length) {
        moveTail(buffer);
        return;
      }
      awaitMemory(wanted);
    }
    long before = heldBytes;
    moveTail(new byte[wanted]);
    heldBytes = wanted;
    pieces.release(before);
  }

  private void moveTail(byte[] into) {
    System.arraycopy(buffer, lineFrom, into, 0, end - lineFrom);
    buffer = into;
    end -= lineFrom;
    searchedTo -= lineFrom;
    lineFrom = 0;
  }

  private void awaitMemory(int bytes) throws ProblemException, InterruptedException {
    long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
    while (!memory.tryTake(bytes)) {
      if (body.isAbandoned() || System.nanoTime() - deadlineNanos > 0) {
        throw RequestMemory.exhausted();
      }
      Thread.sleep(PAUSE);
    }
  }
}

package io.ottla.torture.clock;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * The wall clock, shifted by as many milliseconds as a file says. Thread-safe; the file is read at
 * most every 20 ms.
 */
public final class ShiftedClock extends Clock {
  static final String SHIFTED = "the wall clock is shifted: millis=";

  private static final long LOOK_EVERY_NANOS = 20_000_000;
  private static volatile Path file;
  private static volatile long shiftMs;
  private static volatile long lookedNanos = System.nanoTime() - LOOK_EVERY_NANOS;

  private ShiftedClock() {}

  static void follow(Path path) {
    file = path;
  }

  /** Stands for {@link Clock#systemUTC}. */
  public static Clock systemUTC() {
    return new ShiftedClock();
  }

  /** Stands for {@link Instant#now}. */
  public static Instant now() {
    return Instant.ofEpochMilli(currentTimeMillis());
  }

  /** Stands for {@link System#currentTimeMillis}. */
  public static long currentTimeMillis() {
    long nanos = System.nanoTime();
    if (nanos - lookedNanos >= LOOK_EVERY_NANOS) {
      lookedNanos = nanos;
      look();
    }
    return System.currentTimeMillis() + shiftMs;
  }

  private static void look() {
    try {
      String text = Files.readString(file).strip();
      long wanted = text.isEmpty() ? shiftMs : Long.parseLong(text);
      if (wanted != shiftMs) {
        shiftMs = wanted;
        System.out.println(SHIFTED + wanted);
      }
    } catch (IOException e) {
      // It is being written: next time.
    }
  }

  @Override
  public long millis() {
    return currentTimeMillis();
  }

  @Override
  public Instant instant() {
    return now();
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}

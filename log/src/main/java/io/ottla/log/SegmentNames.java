package io.ottla.log;

import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names of a segment's files: the base offset in 20 digits, so that names sort by offset. */
final class SegmentNames {
  static final String LOG = ".log";
  static final String OFFSET_INDEX = ".index";
  static final String TIME_INDEX = ".timeindex";

  private static final Pattern NAME =
      Pattern.compile("(\\d{20})\\.(?:log|index|timeindex)(?:\\.tmp)?");

  private SegmentNames() {}

  static String name(long baseOffset, String suffix) {
    return String.format(Locale.ROOT, "%020d%s", baseOffset, suffix);
  }

  /** The base offset of a segment's file; empty for other files. */
  static OptionalLong baseOffset(Path file) {
    Matcher matcher = NAME.matcher(file.getFileName().toString());
    return matcher.matches()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)))
        : OptionalLong.empty();
  }
}

package io.ottla.log;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of a segment's files: the base offset in 20 digits, so that names sort by offset, and
 * how often it was compacted, if it was.
 *
 * <pre>{@code
 * 00000000000000001000.log        as it was written
 * 00000000000000001000.2.log      compacted twice
 * }</pre>
 *
 * A compacted segment begins where the first one of those that it replaces does, and an older
 * checkpoint still names that one's files: so the names must differ. The part in front of the
 * suffix is the stem.
 */
final class SegmentNames {
  static final String LOG = ".log";
  static final String OFFSET_INDEX = ".index";
  static final String TIME_INDEX = ".timeindex";

  private static final Pattern NAME =
      Pattern.compile("(\\d{20}(?:\\.\\d+)?)\\.(?:log|index|timeindex)(?:\\.tmp)?");

  private SegmentNames() {}

  static String stem(long baseOffset, int compactions) {
    return compactions == 0
        ? String.format(Locale.ROOT, "%020d", baseOffset)
        : String.format(Locale.ROOT, "%020d.%d", baseOffset, compactions);
  }

  static String name(SegmentSummary segment, String suffix) {
    return stem(segment.baseOffset(), segment.compactions()) + suffix;
  }

  /** The stem of a segment's file; empty for other files. */
  static Optional<String> stem(Path file) {
    Matcher matcher = NAME.matcher(file.getFileName().toString());
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}

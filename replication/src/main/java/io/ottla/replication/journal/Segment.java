package io.ottla.replication.journal;

import io.ottla.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One file of a journal, by its name. Immutable.
 *
 * @param first the index of its first entry
 * @param last the index of its last one, -1 for an open file
 */
record Segment(Path path, long first, long last) {
  private static final Pattern NAME =
      Pattern.compile("log_(?:inprogress_(\\d{1,18})(?:\\..*)?|(\\d{1,18})-(\\d{1,18}))");

  boolean isOpen() {
    return last < 0;
  }

  String name() {
    return path.getFileName().toString();
  }

  /** The name of a file with these entries. */
  static String name(long first, long last) {
    return last < 0 ? "log_inprogress_" + first : "log_" + first + "-" + last;
  }

  /** The journal's files in the order of their entries, without open ones that are empty. */
  static List<Segment> list(Disk disk, Path journal) throws IOException {
    List<Segment> segments = new ArrayList<>();
    for (Path path : disk.list(journal)) {
      Matcher name = NAME.matcher(path.getFileName().toString());
      if (!name.matches()) {
        continue;
      }
      if (name.group(1) == null) {
        segments.add(
            new Segment(path, Long.parseLong(name.group(2)), Long.parseLong(name.group(3))));
      } else if (disk.sizeBytes(path) > 0) {
        segments.add(new Segment(path, Long.parseLong(name.group(1)), -1));
      }
    }
    segments.sort(Comparator.comparingLong(Segment::first));
    return segments;
  }
}

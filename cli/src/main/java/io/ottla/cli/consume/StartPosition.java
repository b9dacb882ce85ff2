package io.ottla.cli.consume;

import io.ottla.client.PartitionDescription;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Where reading starts. Immutable. */
sealed interface StartPosition {
  /** With the first event that is there. */
  record Beginning() implements StartPosition {}

  /** With the next event that will come. */
  record End() implements StartPosition {}

  /** With the last so many of each partition. */
  record Last(long count) implements StartPosition {}

  /** With the first event of that time or later: milliseconds since 1970, or ISO. */
  record At(String time) implements StartPosition {}

  /** With that offset. */
  record Offset(long offset) implements StartPosition {}

  /** The offset that this is in a partition; of a time only the server knows: -1. */
  default long in(PartitionDescription partition) {
    return switch (this) {
      case Beginning() -> partition.startOffset();
      case End() -> partition.endOffset();
      case Last(long count) -> Math.max(partition.startOffset(), partition.endOffset() - count);
      case At(_) -> -1;
      case Offset(long offset) -> offset;
    };
  }

  /** Reads {@code beginning}, {@code end}, {@code -10}, {@code @time} or an offset. */
  final class Converter implements ITypeConverter<StartPosition> {
    private static final Pattern LAST = Pattern.compile("-\\d{1,18}");
    private static final Pattern OFFSET = Pattern.compile("\\d{1,18}");

    @Override
    public StartPosition convert(String text) {
      if (text.equals("beginning")) {
        return new Beginning();
      }
      if (text.equals("end")) {
        return new End();
      }
      if (text.length() > 1 && text.startsWith("@")) {
        return new At(text.substring(1));
      }
      if (LAST.matcher(text).matches()) {
        return new Last(Long.parseLong(text.substring(1)));
      }
      if (OFFSET.matcher(text).matches()) {
        return new Offset(Long.parseLong(text));
      }
      throw new TypeConversionException(
          "'" + text + "' is neither beginning, end, -COUNT, @TIME nor an offset");
    }
  }
}

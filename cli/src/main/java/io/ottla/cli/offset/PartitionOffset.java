package io.ottla.cli.offset;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * An offset of a partition, written {@code 2:17}. Immutable.
 *
 * @param partition the partition's number
 * @param offset the next to be read
 */
record PartitionOffset(int partition, long offset) {
  /** Reads what is written so. */
  static final class Converter implements ITypeConverter<PartitionOffset> {
    @Override
    public PartitionOffset convert(String text) {
      int colon = text.indexOf(':');
      try {
        int partition = Integer.parseInt(text.substring(0, Math.max(colon, 0)));
        long offset = Long.parseLong(text.substring(colon + 1));
        if (partition >= 0 && offset >= 0) {
          return new PartitionOffset(partition, offset);
        }
      } catch (NumberFormatException e) {
        // said below
      }
      throw new TypeConversionException("'" + text + "' is not PARTITION:OFFSET, as in 2:17");
    }
  }
}

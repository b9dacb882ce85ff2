package io.ottla.log;

import io.ottla.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Looks at one segment's batches for damage, below the size that was published when this was made.
 * One owner.
 *
 * <p>Where it begins in the middle, it begins with a batch that an index entry leads to and that is
 * whole; so what it takes for a batch's place is one.
 */
final class SegmentCheck {
  private static final int CHUNK_BYTES = 64 * 1024;

  private final Segment segment;
  private final BatchSurvey.Bounds bounds;
  private final BatchJudge judge;

  /**
   * A check of what is published now.
   *
   * @param judge asked after that: it must know the epoch of all that is published
   */
  SegmentCheck(Segment segment, Supplier<BatchJudge> judge) {
    this.segment = segment;
    this.bounds = segment.bounds();
    this.judge = judge.get();
  }

  /** What is done with an open file. */
  @FunctionalInterface
  interface Use<T> {
    T with(DiskFile file) throws IOException;
  }

  /** A survey over all from a batch's place on; the file must stay open meanwhile. */
  BatchSurvey survey(DiskFile file, long positionBytes, long offset) {
    return new BatchSurvey(file, segment.path(), bounds, judge, positionBytes, offset);
  }

  /** The damage in front of a position, from an index entry before it on, and over it. */
  List<DamagedRange> damageUpTo(long positionBytes) throws IOException {
    return segment.using(
        file -> {
          List<DamagedRange> damage = new ArrayList<>();
          BatchSurvey survey = surveyTo(file, positionBytes);
          while (survey.next() && survey.positionBytes() <= positionBytes) {
            if (!survey.isWhole()) {
              damage.add(survey.damage());
            }
          }
          return damage;
        });
  }

  /** The whole batch that begins at a position; empty if none does. */
  Optional<ByteBuffer> batchAt(long positionBytes) throws IOException {
    return segment.using(
        file -> {
          BatchSurvey survey = surveyTo(file, positionBytes);
          while (survey.next() && survey.positionBytes() <= positionBytes) {
            if (survey.positionBytes() == positionBytes && survey.isWhole()) {
              return Optional.of(copy(survey.batch()));
            }
          }
          return Optional.empty();
        });
  }

  /**
   * The whole batch that holds an offset, whatever lies in front of it.
   *
   * @throws CorruptBatchException if the offset lies in damage
   */
  ByteBuffer batchHolding(long offset) throws IOException {
    return segment.using(
        file -> {
          SegmentIndexes indexes = segment.indexes();
          int entry = indexes.offsets().floor(offset - bounds.summary().baseOffset());
          BatchSurvey survey = surveyFrom(file, indexes, entry);
          while (survey.next()) {
            if (survey.nextOffset() > offset) {
              if (survey.isWhole()) {
                return copy(survey.batch());
              }
              throw survey.damage().toException();
            }
          }
          throw new CorruptBatchException("no batch reaches the offset")
              .at(segment.path(), bounds.sizeBytes());
        });
  }

  /** A digest of the first bytes; those of whole batches, as a replica's file has them. */
  SegmentDigest digest(long sizeBytes) throws IOException {
    MessageDigest digest = sha256();
    List<DamagedRange> damage = new ArrayList<>();
    return segment.using(
        file -> {
          BatchSurvey survey = survey(file, 0, bounds.summary().baseOffset());
          while (survey.next() && survey.positionBytes() < sizeBytes) {
            if (survey.isWhole()) {
              digest.update(survey.batch().bytes());
            } else {
              damage.add(survey.damage());
              long endBytes = Math.min(sizeBytes, survey.nextPositionBytes());
              update(digest, file, survey.positionBytes(), endBytes);
            }
          }
          return new SegmentDigest(HexFormat.of().formatHex(digest.digest()), sizeBytes, damage);
        });
  }

  private static void update(MessageDigest digest, DiskFile file, long fromBytes, long endBytes)
      throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    for (long at = fromBytes; at < endBytes; at += CHUNK_BYTES) {
      chunk.clear().limit((int) Math.min(CHUNK_BYTES, endBytes - at));
      file.read(chunk, at);
      digest.update(chunk.flip());
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private BatchSurvey surveyTo(DiskFile file, long positionBytes) throws IOException {
    SegmentIndexes indexes = segment.indexes();
    return surveyFrom(file, indexes, indexes.offsets().floorOfPosition(positionBytes));
  }

  /**
   * Begins at an index entry or, while those do not lead to a whole batch, at one before it.
   * Nothing is searched for it: an entry of a damaged batch costs a header, or that batch.
   */
  private BatchSurvey surveyFrom(DiskFile file, SegmentIndexes indexes, int firstEntry)
      throws IOException {
    for (int entry = firstEntry; entry >= 0; entry--) {
      long at = indexes.offsets().positionBytes(entry);
      long lastOffset = bounds.summary().baseOffset() + indexes.offsets().relativeOffset(entry);
      OptionalLong baseOffset = startOfWhole(file, at, lastOffset);
      if (baseOffset.isPresent()) {
        return survey(file, at, baseOffset.getAsLong());
      }
    }
    return survey(file, 0, bounds.summary().baseOffset());
  }

  /** The base offset of the whole batch that an entry leads to; empty if there is none. */
  private OptionalLong startOfWhole(DiskFile file, long positionBytes, long lastOffset)
      throws IOException {
    try {
      ByteBuffer header = ByteBuffer.allocate(BatchFormat.HEADER_BYTES);
      int count = file.read(header, positionBytes);
      int sizeBytes = BatchFormat.sizeBytesAt(header.flip(), 0);
      if (count < BatchFormat.HEADER_BYTES || sizeBytes > bounds.sizeBytes() - positionBytes) {
        return OptionalLong.empty();
      }
      long baseOffset = header.getLong(BatchFormat.BASE_OFFSET);
      if (baseOffset + header.getInt(BatchFormat.LAST_OFFSET_DELTA) != lastOffset
          || lastOffset >= bounds.nextOffset()) {
        return OptionalLong.empty();
      }
      ByteBuffer bytes = ByteBuffer.allocate(sizeBytes);
      file.read(bytes, positionBytes);
      judge.verify(bytes.flip(), baseOffset);
      return OptionalLong.of(baseOffset);
    } catch (CorruptBatchException e) {
      return OptionalLong.empty();
    }
  }

  private static ByteBuffer copy(RecordBatch batch) {
    return ByteBuffer.allocate(batch.sizeBytes()).put(batch.bytes()).flip();
  }
}

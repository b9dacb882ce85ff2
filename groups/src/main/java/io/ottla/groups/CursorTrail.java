package io.ottla.groups;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The cursors along an answer: where a member is before its first event, and after each. Their text
 * is what {@link Cursor#encode} would give; what stays the same is made once. One owner at a time.
 */
public final class CursorTrail {
  private final byte[] head;
  private final List<Step> steps = new ArrayList<>();
  private final Map<TopicPartition, Step> byPartition = new HashMap<>();
  private final ByteBuffer scratch;

  /** A partition's part of the cursor: fixed bytes, then the next offset. */
  private static final class Step {
    private final byte[] fixed;
    private long nextOffset;

    private Step(byte[] fixed, long nextOffset) {
      this.fixed = fixed;
      this.nextOffset = nextOffset;
    }
  }

  /** A trail that begins there. */
  public CursorTrail(Cursor start) {
    head = CursorFormat.head(start);
    int sizeBytes = head.length + CursorFormat.TAIL_BYTES;
    UUID topic = null;
    for (Map.Entry<TopicPartition, Cursor.Place> entry : start.places().entrySet()) {
      TopicPartition partition = entry.getKey();
      boolean isNewTopic = !partition.topicId().equals(topic);
      topic = partition.topicId();
      byte[] fixed = CursorFormat.place(start, partition, isNewTopic);
      Step step = new Step(fixed, entry.getValue().nextOffset());
      steps.add(step);
      byPartition.put(partition, step);
      sizeBytes += fixed.length + CursorFormat.LONGEST_VARLONG_BYTES;
    }
    scratch = ByteBuffer.allocate(sizeBytes);
  }

  /** Goes on to that offset; a partition that is not in the cursor changes nothing. */
  public void moveTo(TopicPartition partition, long nextOffset) {
    Step step = byPartition.get(partition);
    if (step != null) {
      step.nextOffset = nextOffset;
    }
  }

  /** The cursor's text here, in ASCII; a new array. */
  public byte[] text() {
    scratch.clear();
    scratch.put(head);
    for (Step step : steps) {
      scratch.put(step.fixed);
      CursorFormat.putVarlong(scratch, step.nextOffset);
    }
    return CursorFormat.seal(scratch);
  }
}

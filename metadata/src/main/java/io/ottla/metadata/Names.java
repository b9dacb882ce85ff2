package io.ottla.metadata;

import java.util.regex.Pattern;

/** The names that clusters, topics and groups may have. */
public final class Names {
  /** The internal topic of committed offsets and group state. */
  public static final String CONSUMER_OFFSETS = "__consumer_offsets";

  /** The longest group name or producer label, in UTF-16 units. */
  public static final int MAX_LABEL_LENGTH = 249;

  private static final Pattern CLUSTER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
  private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9._-]{1,249}");

  private Names() {}

  /** Whether a cluster may be called so. */
  public static boolean isClusterName(String name) {
    return CLUSTER.matcher(name).matches();
  }

  /** Whether a topic may be called so: Kafka's rule. Internal names are topic names too. */
  public static boolean isTopicName(String name) {
    return TOPIC.matcher(name).matches() && !name.equals(".") && !name.equals("..");
  }

  /** Whether the topic of that name is the system's own: readable, never writable by users. */
  public static boolean isInternal(String topicName) {
    return topicName.startsWith("__");
  }

  /**
   * Whether a group or a producer may be called so: 1 to {@link #MAX_LABEL_LENGTH} UTF-16 units,
   * well-formed (no lone surrogate, so that it survives UTF-8), no control characters.
   */
  public static boolean isLabel(String name) {
    return !name.isEmpty()
        && name.length() <= MAX_LABEL_LENGTH
        && name.codePoints().noneMatch(Names::isUnprintable);
  }

  private static boolean isUnprintable(int codePoint) {
    return Character.isISOControl(codePoint)
        || (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE);
  }
}

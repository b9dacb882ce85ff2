package io.ottla.metadata;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * A change of a cluster's desired state, as the metadata group replicates it. Immutable. What only
 * a caller's bug can get wrong (a name, a range) is refused here, with {@code
 * IllegalArgumentException}; what depends on the state is a {@link MetadataResult}.
 *
 * <p>A check may be loosened later but never tightened: what is in the journal must stay readable.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(name = "initialize_cluster", value = MetadataCommand.InitializeCluster.class),
  @JsonSubTypes.Type(name = "create_topic", value = MetadataCommand.CreateTopic.class),
  @JsonSubTypes.Type(name = "alter_topic", value = MetadataCommand.AlterTopic.class),
  @JsonSubTypes.Type(name = "delete_topic", value = MetadataCommand.DeleteTopic.class),
  @JsonSubTypes.Type(name = "register_consumer", value = MetadataCommand.RegisterConsumer.class),
  @JsonSubTypes.Type(name = "forget_consumer", value = MetadataCommand.ForgetConsumer.class),
  @JsonSubTypes.Type(name = "register_producer", value = MetadataCommand.RegisterProducer.class),
  @JsonSubTypes.Type(name = "expire_producers", value = MetadataCommand.ExpireProducers.class)
})
public sealed interface MetadataCommand {
  /**
   * Makes the cluster what it is and creates {@link Names#CONSUMER_OFFSETS}, one partition per data
   * group. Only the first one counts; repeating it is harmless.
   */
  record InitializeCluster(ClusterIdentity identity) implements MetadataCommand {
    public InitializeCluster {
      Objects.requireNonNull(identity, "identity");
    }
  }

  /**
   * Creates a topic; its partitions go to the data groups in turn.
   *
   * @param id made by the caller, fresh: the same id again under the same name is the same creation
   */
  record CreateTopic(UUID id, String name, int partitions, TopicConfig config)
      implements MetadataCommand {
    public CreateTopic {
      Objects.requireNonNull(id, "id");
      config.check();
      Range.check("partitions", partitions, 1, Topic.MAX_PARTITIONS);
      if (!Names.isTopicName(name) || Names.isInternal(name)) {
        throw new IllegalArgumentException("not the name of a user's topic: " + name);
      }
    }
  }

  /**
   * Gives a topic another configuration and perhaps more partitions.
   *
   * @param partitions how many it shall have; at least as many as it has
   */
  record AlterTopic(UUID id, TopicConfig config, int partitions) implements MetadataCommand {
    public AlterTopic {
      Objects.requireNonNull(id, "id");
      config.check();
      Range.check("partitions", partitions, 1, Topic.MAX_PARTITIONS);
    }
  }

  /** Deletes a topic. */
  record DeleteTopic(UUID id) implements MetadataCommand {
    public DeleteTopic {
      Objects.requireNonNull(id, "id");
    }
  }

  /**
   * Registers a consumer, always a new one.
   *
   * @param group empty: a group of its own, {@code consumer-<id>}
   */
  record RegisterConsumer(Optional<String> group) implements MetadataCommand {
    public RegisterConsumer {
      if (group.isPresent() && !Names.isLabel(group.get())) {
        throw new IllegalArgumentException("not a group name");
      }
    }
  }

  /** Forgets a consumer; one that is not known is forgotten already. */
  record ForgetConsumer(long id) implements MetadataCommand {}

  /**
   * Registers a producer, always a new one.
   *
   * @param name a label
   */
  record RegisterProducer(String name) implements MetadataCommand {
    public RegisterProducer {
      if (!Names.isLabel(name)) {
        throw new IllegalArgumentException("not a producer name");
      }
    }
  }

  /** Forgets producers that were idle for too long; one that is not known is forgotten already. */
  record ExpireProducers(List<Long> ids) implements MetadataCommand {
    public ExpireProducers {
      ids = List.copyOf(ids);
    }
  }
}

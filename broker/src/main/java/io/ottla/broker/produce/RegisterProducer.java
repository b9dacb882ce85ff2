package io.ottla.broker.produce;

import io.ottla.broker.Answer;
import io.ottla.broker.Refusal;
import io.ottla.broker.RefusalCode;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.TopicDirectory;
import io.ottla.metadata.MetadataCommand;
import io.ottla.metadata.MetadataResult;
import io.ottla.metadata.Names;
import io.ottla.metadata.Producer;
import java.time.Duration;
import java.util.Optional;

/** Registers producers, each time a new one. Thread-safe. */
public final class RegisterProducer {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final TopicDirectory directory;

  public RegisterProducer(TopicDirectory directory) {
    this.directory = directory;
  }

  /**
   * Registers a producer.
   *
   * @param cluster absent: the only one
   * @param name a label of 1 to 249 printable characters; several producers may have the same
   */
  public Answer<Producer> register(Optional<String> cluster, String name) {
    return Names.isLabel(name)
        ? directory.cluster(cluster).then(found -> register(found, name))
        : Answer.refused(Refusal.invalid("name", "name must have 1 to 249 printable characters"));
  }

  private static Answer<Producer> register(ServingCluster cluster, String name) {
    return cluster
        .submit(new MetadataCommand.RegisterProducer(name), TIMEOUT)
        .then(
            result ->
                result instanceof MetadataResult.ProducerRegistered(Producer producer)
                    ? Answer.ok(producer)
                    : Answer.refused(RefusalCode.NOT_READY, "the cluster is not ready"));
  }
}

package io.ottla.broker;

import io.ottla.broker.consume.CommitOffsets;
import io.ottla.broker.consume.CreateConsumer;
import io.ottla.broker.consume.DeleteConsumer;
import io.ottla.broker.consume.DeleteGroup;
import io.ottla.broker.consume.DescribeConsumer;
import io.ottla.broker.consume.DescribeGroups;
import io.ottla.broker.consume.DescribeOffsets;
import io.ottla.broker.consume.FetchEvents;
import io.ottla.broker.consume.GroupCoordinators;
import io.ottla.broker.consume.HeartbeatConsumer;
import io.ottla.broker.consume.PollEvents;
import io.ottla.broker.consume.SeekConsumer;
import io.ottla.broker.consume.StreamEvents;
import io.ottla.broker.produce.ProduceEvents;
import io.ottla.broker.produce.RegisterProducer;
import io.ottla.broker.read.BatchReader;
import java.time.InstantSource;

/**
 * Everything that can be asked of a deployment. Immutable; closing it ends the consumers'
 * coordinators.
 */
public record UseCases(
    CreateCluster createCluster,
    DescribeClusters describeClusters,
    CheckCluster checkCluster,
    DeleteCluster deleteCluster,
    ControlBroker controlBroker,
    CreateTopic createTopic,
    DescribeTopics describeTopics,
    AlterTopic alterTopic,
    DeleteTopic deleteTopic,
    ProduceEvents produceEvents,
    RegisterProducer registerProducer,
    FetchEvents fetchEvents,
    PollEvents pollEvents,
    StreamEvents streamEvents,
    CommitOffsets commitOffsets,
    DescribeOffsets describeOffsets,
    CreateConsumer createConsumer,
    DescribeConsumer describeConsumer,
    DeleteConsumer deleteConsumer,
    HeartbeatConsumer heartbeatConsumer,
    SeekConsumer seekConsumer,
    DescribeGroups describeGroups,
    DeleteGroup deleteGroup,
    Readiness readiness,
    GroupCoordinators coordinators)
    implements AutoCloseable {

  /** All of them, over one deployment. */
  public static UseCases of(Deployment deployment, InstantSource clock) {
    GroupCoordinators coordinators = GroupCoordinators.start(deployment);
    BatchReader batches = new BatchReader();
    return new UseCases(
        new CreateCluster(deployment),
        new DescribeClusters(deployment),
        new CheckCluster(deployment),
        new DeleteCluster(deployment),
        new ControlBroker(deployment),
        new CreateTopic(deployment),
        new DescribeTopics(deployment),
        new AlterTopic(deployment),
        new DeleteTopic(deployment),
        new ProduceEvents(deployment, clock),
        new RegisterProducer(deployment),
        new FetchEvents(deployment, batches),
        new PollEvents(deployment, coordinators, batches),
        new StreamEvents(deployment, coordinators, batches),
        new CommitOffsets(deployment, coordinators),
        new DescribeOffsets(deployment, coordinators),
        new CreateConsumer(deployment, coordinators),
        new DescribeConsumer(deployment, coordinators),
        new DeleteConsumer(deployment, coordinators),
        new HeartbeatConsumer(deployment, coordinators),
        new SeekConsumer(deployment, coordinators),
        new DescribeGroups(deployment, coordinators),
        new DeleteGroup(deployment, coordinators),
        new Readiness(deployment),
        coordinators);
  }

  @Override
  public void close() {
    coordinators.close();
  }
}

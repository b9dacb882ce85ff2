package io.ottla.http;

import io.ottla.broker.Answer;
import io.ottla.broker.UseCases;
import io.ottla.broker.consume.EventStream;
import io.ottla.broker.consume.FetchRequest;
import io.ottla.broker.consume.FetchResult;
import io.ottla.broker.consume.PollRequest;
import io.ottla.broker.consume.PollResult;
import io.ottla.broker.produce.ProduceEvents;
import io.ottla.http.Route.Handling;
import io.ottla.http.cluster.GetCheck;
import io.ottla.http.cluster.GetCluster;
import io.ottla.http.cluster.GetClusters;
import io.ottla.http.cluster.PostBrokerStart;
import io.ottla.http.cluster.PostBrokerStop;
import io.ottla.http.cluster.PostCluster;
import io.ottla.http.cluster.RemoveCluster;
import io.ottla.http.consumer.GetConsumer;
import io.ottla.http.consumer.PostConsumer;
import io.ottla.http.consumer.PostHeartbeat;
import io.ottla.http.consumer.PostSeek;
import io.ottla.http.consumer.RemoveConsumer;
import io.ottla.http.event.GetEvents;
import io.ottla.http.event.PostEventBytes;
import io.ottla.http.event.PostEvents;
import io.ottla.http.group.GetGroup;
import io.ottla.http.group.GetGroups;
import io.ottla.http.group.RemoveGroup;
import io.ottla.http.health.GetLive;
import io.ottla.http.health.GetReady;
import io.ottla.http.offset.GetOffset;
import io.ottla.http.offset.PostOffset;
import io.ottla.http.producer.PostProducer;
import io.ottla.http.topic.GetTopic;
import io.ottla.http.topic.GetTopics;
import io.ottla.http.topic.PatchTopic;
import io.ottla.http.topic.PostTopic;
import io.ottla.http.topic.RemoveTopic;
import io.ottla.http.upload.PostEventLines;
import java.util.List;
import java.util.Map;

/** The table of routes, in the order of the contract. */
public final class Routes {
  private Routes() {}

  private record Reads(UseCases use) implements GetEvents.Reads {
    @Override
    public Answer<FetchResult> fetch(FetchRequest request) {
      return use.fetchEvents().fetch(request);
    }

    @Override
    public Answer<PollResult> poll(PollRequest request) {
      return use.pollEvents().poll(request);
    }

    @Override
    public Answer<EventStream> stream(FetchRequest request) {
      return use.streamEvents().open(request);
    }

    @Override
    public Answer<EventStream> stream(PollRequest request) {
      return use.streamEvents().open(request);
    }
  }

  private static Map<Media, Handling> producing(ProduceEvents events) {
    return Map.of(
        Media.JSON,
        new Handling.OfWhole(new PostEvents(events::produce)),
        Media.LINES,
        new Handling.OfArriving(new PostEventLines(events::open)),
        Media.BYTES,
        new Handling.OfWhole(new PostEventBytes(events::produce)));
  }

  /** Every route, over these use cases. */
  public static RouteTable of(UseCases use) {
    return new RouteTable(
        List.of(
            Route.of("POST", "/cluster", new PostCluster(use.createCluster()::create)),
            Route.of(
                "GET",
                "/cluster",
                new GetClusters(use.describeClusters()::all, use.describeClusters()::notServed)),
            Route.of("GET", "/cluster/{name}", new GetCluster(use.describeClusters()::one)),
            Route.of("GET", "/cluster/{name}/check", new GetCheck(use.checkCluster()::check)),
            Route.of("DELETE", "/cluster/{name}", new RemoveCluster(use.deleteCluster()::delete)),
            Route.of(
                "POST",
                "/cluster/{name}/brokers/{id}/stop",
                new PostBrokerStop(use.controlBroker()::stop)),
            Route.of(
                "POST",
                "/cluster/{name}/brokers/{id}/start",
                new PostBrokerStart(use.controlBroker()::start)),
            Route.of("POST", "/topic", new PostTopic(use.createTopic()::create)),
            Route.of("GET", "/topic", new GetTopics(use.describeTopics()::all)),
            Route.of("GET", "/topic/{name}", new GetTopic(use.describeTopics()::one)),
            Route.of("PATCH", "/topic/{name}", new PatchTopic(use.alterTopic()::alter)),
            Route.of("DELETE", "/topic/{name}", new RemoveTopic(use.deleteTopic()::delete)),
            Route.of("POST", "/producer", new PostProducer(use.registerProducer()::register)),
            Route.of("POST", "/events", producing(use.produceEvents())),
            Route.of("GET", "/events", new GetEvents(new Reads(use))),
            Route.of("POST", "/offset", new PostOffset(use.commitOffsets()::commit)),
            Route.of("GET", "/offset", new GetOffset(use.describeOffsets()::describe)),
            Route.of("POST", "/consumer", new PostConsumer(use.createConsumer()::create)),
            Route.of("GET", "/consumer/{id}", new GetConsumer(use.describeConsumer()::describe)),
            Route.of("DELETE", "/consumer/{id}", new RemoveConsumer(use.deleteConsumer()::delete)),
            Route.of(
                "POST",
                "/consumer/{id}/heartbeat",
                new PostHeartbeat(use.heartbeatConsumer()::beat)),
            Route.of("POST", "/consumer/{id}/seek", new PostSeek(use.seekConsumer()::seek)),
            Route.of("GET", "/group", new GetGroups(use.describeGroups()::all)),
            Route.of("GET", "/group/{name}", new GetGroup(use.describeGroups()::one)),
            Route.of("DELETE", "/group/{name}", new RemoveGroup(use.deleteGroup()::delete)),
            Route.of("GET", "/health/live", new GetLive()),
            Route.of("GET", "/health/ready", new GetReady(use.readiness()::reasonsNotReady))));
  }
}

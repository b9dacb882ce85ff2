package io.ottla.broker.consume;

import io.ottla.broker.Answer;
import io.ottla.broker.Done;
import io.ottla.broker.ServingCluster;
import io.ottla.broker.TopicDirectory;
import io.ottla.groups.GroupRequest;
import java.util.Optional;

/** Deletes a consumer group without active members: its commits and its members. Thread-safe. */
public final class DeleteGroup {
  private final TopicDirectory directory;
  private final GroupCoordinators coordinators;

  public DeleteGroup(TopicDirectory directory, GroupCoordinators coordinators) {
    this.directory = directory;
    this.coordinators = coordinators;
  }

  /** Deletes it, and forgets the consumers that were its silent members. */
  public Answer<Done> delete(Optional<String> cluster, String name) {
    return directory.cluster(cluster).then(found -> delete(found, name));
  }

  private Answer<Done> delete(ServingCluster cluster, String name) {
    var delete = new GroupRequest.Delete(name);
    return coordinators
        .of(cluster, name)
        .decide(s -> s.coordinator().delete(delete))
        .then(
            granted -> {
              granted
                  .value()
                  .members()
                  .forEach(member -> GroupCoordinators.forget(cluster, member));
              return Answer.ok(Done.DONE);
            });
  }
}

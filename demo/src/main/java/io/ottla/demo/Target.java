package io.ottla.demo;

import io.ottla.testkit.Api;

/** The topic that the tour goes through. Immutable; {@code api} is thread-safe. */
record Target(Api api, String cluster, String topic) {
  /** A path with a query that names the topic; more parameters may follow. */
  String path(String endpoint) {
    return endpoint + "?cluster=" + cluster + "&topic=" + topic;
  }

  String topicPath() {
    return "/topic/" + topic + "?cluster=" + cluster;
  }

  String clusterPath() {
    return "/cluster/" + cluster;
  }
}

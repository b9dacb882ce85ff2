package io.ottla.http.event;

import io.ottla.broker.consume.EventStream.Part;
import io.ottla.http.Problem;
import io.ottla.http.StreamOutput;

/** How a stream of events is written. One owner at a time. */
interface StreamForm {
  /** Events, or none because none came for a while. */
  void write(Part part, StreamOutput out);

  /** Why the stream ends. */
  void write(Problem problem, StreamOutput out);
}

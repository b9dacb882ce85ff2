package io.ottla.server;

import io.ottla.client.ConsumerConfig;
import io.ottla.client.ConsumerRecord;
import io.ottla.client.OttlaConsumer;
import io.ottla.client.OttlaProducer;
import io.ottla.client.ProducerConfig;
import io.ottla.client.ProducerRecord;
import java.time.Duration;

/** What README's section "From Java" shows: its code is quoted from here. */
final class JavaExample {
  private JavaExample() {}

  @SuppressWarnings("FutureReturnValueIgnored") // the callback tells
  static void publish(String url) {
    // README: publish
    var config = ProducerConfig.builder(url).build();
    try (var producer = new OttlaProducer(config)) {
      for (int post = 0; post < 1000; post++) {
        producer.send(
            ProducerRecord.ofJson("liked", "u42", "{\"post\":" + post + "}"),
            (metadata, failure) -> {
              if (failure != null) {
                System.err.println(failure.code() + ", appended: " + failure.appended());
              }
            });
      }
    } // everything is answered or given up by now
    // README: end
  }

  static void read(String url) {
    // README: read
    var config = ConsumerConfig.builder(url).group("g1").autoCommit(false).build();
    try (var consumer = new OttlaConsumer(config)) {
      consumer.subscribe("liked");
      for (ConsumerRecord record : consumer.poll(Duration.ofSeconds(5))) {
        System.out.println(record.offset() + ": " + record.keyText() + " " + record.valueText());
      }
      consumer.commitSync();
    }
    // README: end
  }
}

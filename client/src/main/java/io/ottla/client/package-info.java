/**
 * The client library: {@link io.ottla.client.OttlaProducer} writes, {@link
 * io.ottla.client.OttlaConsumer} reads, both over plain HTTP. Names are those of Kafka's own client
 * where the thing is the same. Whatever fails is an {@link io.ottla.client.OttlaException}.
 */
package io.ottla.client;

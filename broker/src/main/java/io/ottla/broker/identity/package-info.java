/**
 * Which directory is whose: the identity files of deployments, clusters and brokers, and what is
 * done with a directory that is not what they say. For the clusters' life cycle, on the thread that
 * opens a cluster or starts a broker; nothing here is on a request's way.
 */
package io.ottla.broker.identity;

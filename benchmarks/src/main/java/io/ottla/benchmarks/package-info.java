/** Load runners. They speak HTTP with a client of their own and share no code with the server. */
package io.ottla.benchmarks;

/**
 * {@code ./ottla consume}: events become lines. The main thread prints; when following without a
 * group, a virtual thread per partition reads.
 */
package io.ottla.cli.consume;

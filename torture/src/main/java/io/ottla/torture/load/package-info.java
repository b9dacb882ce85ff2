/**
 * The clients that work on a server while it is attacked, each a process with one request in flight
 * and a virtual thread of its own, and the reader that looks at everything at the end.
 */
package io.ottla.torture.load;

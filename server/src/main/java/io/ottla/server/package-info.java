/** The main program and the only module that wires: configuration, start, stop. */
package io.ottla.server;

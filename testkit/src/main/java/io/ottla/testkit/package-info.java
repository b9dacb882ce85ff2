/**
 * A server as a process of its own and a plain client for it. The demo, the load runner and the
 * tests that need a real process use it; it shares no code with the server, so that what they see
 * is what any client sees.
 */
package io.ottla.testkit;

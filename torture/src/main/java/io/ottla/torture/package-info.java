/**
 * The programme that attacks a server and proves that the promise holds: it starts the server
 * itself, and knows it only by HTTP, processes and files. The main thread attacks, the clients have
 * threads of their own.
 */
package io.ottla.torture;

/**
 * The checker on trial: a server into which one bug was put as it started must be convicted. The
 * agent changes the product's classes while they are loaded; nothing of it is in the product.
 */
package io.ottla.torture.seeded;

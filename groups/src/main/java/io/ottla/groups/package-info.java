/**
 * Consumer groups: {@code decide} turns a request into records and a reply, {@code apply} turns
 * records into state. Pure: no clock, no disk, no threads of its own. Called by {@code broker}.
 */
package io.ottla.groups;

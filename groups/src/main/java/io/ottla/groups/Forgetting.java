package io.ottla.groups;

import java.util.function.LongUnaryOperator;

/**
 * When a silent member is forgotten. Immutable, but for the sessions that it asks.
 *
 * @param crowded whether there are so many consumers that unused ones go sooner
 * @param ageMs how long ago a time in the log was, as far as it is believed
 */
record Forgetting(Sessions sessions, boolean crowded, LongUnaryOperator ageMs) {
  boolean isDue(Group group, Member member) {
    return !member.active()
        && ageMs.applyAsLong(member.sinceMs()) > sessions.forgetAfterMs(group, member, crowded);
  }
}

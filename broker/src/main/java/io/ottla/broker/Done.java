package io.ottla.broker;

/** The answer of a use case that gives nothing back. */
public enum Done {
  DONE
}

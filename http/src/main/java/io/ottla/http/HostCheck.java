package io.ottla.http;

import java.net.InetAddress;
import java.util.Locale;

/**
 * Keeps web pages away from a loopback listener: a page of another site, or of a name that was made
 * to resolve to this machine (DNS rebinding), must not reach it.
 *
 * <p>{@code Host} must name the loopback or the listener's own host, with any port, as ports may be
 * forwarded. {@code Origin}, which browsers send, must be that same host and port. Thread-safe.
 */
final class HostCheck {
  private final String listenerHost;

  /** The last {@code Host} that was accepted, as clients repeat themselves. */
  private volatile String lastAccepted = "";

  HostCheck(String listenerHost) {
    this.listenerHost = listenerHost.toLowerCase(Locale.ROOT);
  }

  /**
   * Refuses what may come from another site.
   *
   * @param origin null if there is none
   * @param fetchSite {@code Sec-Fetch-Site}; null if there is none
   */
  void check(String host, String origin, String fetchSite) throws ProblemException {
    if (!host.equals(lastAccepted)) {
      if (!isOurs(hostName(host.trim()))) {
        throw refused("The Host header must name this machine's loopback address.");
      }
      lastAccepted = host;
    }
    if (origin != null && !origin.trim().equalsIgnoreCase("http://" + host.trim())) {
      throw refused("Requests from pages of another origin are refused.");
    }
    if (fetchSite != null && fetchSite.trim().equalsIgnoreCase("cross-site")) {
      throw refused("Requests from pages of another site are refused.");
    }
  }

  private boolean isOurs(String name) {
    if (name.equals("localhost") || name.equals(listenerHost)) {
      return true;
    }
    try {
      // Never asks a name server: what is not an address literal is refused.
      return InetAddress.ofLiteral(name).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String hostName(String host) {
    int colon = host.lastIndexOf(':');
    boolean hasPort = colon > host.lastIndexOf(']');
    String name = (hasPort ? host.substring(0, colon) : host).toLowerCase(Locale.ROOT);
    boolean bracketed = name.startsWith("[") && name.endsWith("]") && name.length() > 2;
    return bracketed ? name.substring(1, name.length() - 1) : name;
  }

  private static ProblemException refused(String detail) {
    return new ProblemException(Problem.of(403, "forbidden_origin", detail));
  }
}

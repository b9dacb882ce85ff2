package io.ottla.server;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;

/**
 * SIGTERM and SIGINT as calls. A shutdown hook would do as well, but for the exit code: Java then
 * ends with 143, and whoever told the server to stop could not see that it has stopped cleanly.
 *
 * <p>The class that this needs, {@code sun.misc.Signal}, is in every JDK but not in its API, and
 * the compiler warns of it without a way to say that it is known; so it is looked up.
 */
final class StopSignals {
  private StopSignals() {}

  /** From now on each signal is one call of {@code action}, on a thread of the JVM's. */
  static void handle(Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Object handler =
          Proxy.newProxyInstance(
              StopSignals.class.getClassLoader(),
              new Class<?>[] {handlerType},
              (proxy, method, arguments) -> {
                action.run();
                return null;
              });
      var handle = signal.getMethod("handle", signal, handlerType);
      for (String name : List.of("TERM", "INT")) {
        handle.invoke(null, signal.getConstructor(String.class).newInstance(name), handler);
      }
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("signals cannot be handled", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("signals cannot be handled", e);
    }
  }
}

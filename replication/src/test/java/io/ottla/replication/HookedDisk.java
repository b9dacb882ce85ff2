package io.ottla.replication;

import io.ottla.disk.Disk;
import io.ottla.disk.SystemDisk;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;

/** The machine's disk, with something that a test does around each operation. */
final class HookedDisk {
  private HookedDisk() {}

  /** Told of an operation by its name, and of the first path that it is about. */
  @FunctionalInterface
  interface Hook {
    void at(String operation, Path path) throws IOException;
  }

  static Disk before(Hook hook) {
    return of(hook, (_, _) -> {});
  }

  static Disk after(Hook hook) {
    return of((_, _) -> {}, hook);
  }

  private static Disk of(Hook before, Hook after) {
    Disk real = new SystemDisk();
    return (Disk)
        Proxy.newProxyInstance(
            Disk.class.getClassLoader(),
            new Class<?>[] {Disk.class},
            (_, method, arguments) -> {
              before.at(method.getName(), (Path) arguments[0]);
              try {
                Object result = method.invoke(real, arguments);
                after.at(method.getName(), (Path) arguments[0]);
                return result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}

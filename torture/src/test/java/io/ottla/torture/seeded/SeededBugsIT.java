package io.ottla.torture.seeded;

import static org.assertj.core.api.Assertions.assertThat;

import io.ottla.torture.SeededRun;
import io.ottla.torture.history.Anomaly;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import net.bytebuddy.ByteBuddy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A checker that has never gone red proves nothing. {@code -Dottla.bugs=all} tries every bug,
 * {@code -Dottla.bugs=} and their names some of them; else there are three.
 */
class SeededBugsIT {
  private static final String SOME = "BATCH_DROPPED,KEY_LOST,COMMIT_LOWERED";

  private final long seed = Long.getLong("ottla.seed", System.nanoTime());

  @TempDir private Path directory;

  @Test
  void everySeededBugIsConvicted() throws IOException, InterruptedException, URISyntaxException {
    Path agent = agentJar();
    List<String> free = new ArrayList<>();
    System.out.printf("seed %d%n%-36s %s%n", seed, "bug", "convicted by");
    for (SeededBug bug : chosen()) {
      String option = "-javaagent:" + agent + "=" + bug + ",DATA";
      try {
        var ended = new SeededRun(seed, directory, option, bug.events(), bug.convictedBy()).run();

        var found = ended.findings().counts().keySet();
        boolean fired = ended.log().contains(Mutations.FIRED);
        boolean convicted = fired && found.stream().anyMatch(bug.convictedBy()::contains);
        System.out.printf("%-36s %s%s%n", bug, found, fired ? "" : " (did not fire)");
        if (!convicted) {
          free.add(bug + ", fired " + fired + ": " + ended.findings().lines());
        }
      } catch (IOException e) {
        System.out.printf("%-36s the run broke%n", bug);
        free.add(bug + ", the run broke: " + e);
      }
    }
    assertThat(free).as("bugs that were not convicted, seed %d", seed).isEmpty();
  }

  private static List<SeededBug> chosen() {
    String names = System.getProperty("ottla.bugs", SOME);
    return names.equals("all")
        ? List.of(SeededBug.values())
        : List.of(names.split(",", -1)).stream().map(SeededBug::valueOf).toList();
  }

  /** The agent, its advices and where Byte Buddy is. */
  private Path agentJar() throws IOException, URISyntaxException {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue("Premain-Class", BugAgent.class.getName());
    attributes.putValue("Class-Path", location(ByteBuddy.class) + " " + location(Anomaly.class));
    Path jar = directory.resolve("agent.jar");
    Path classes =
        Path.of(BugAgent.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
        var files = Files.walk(classes.resolve("io/ottla/torture/seeded"))) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        out.putNextEntry(new JarEntry(classes.relativize(file).toString().replace('\\', '/')));
        try (InputStream in = Files.newInputStream(file)) {
          in.transferTo(out);
        }
        out.closeEntry();
      }
    }
    return jar;
  }

  private static String location(Class<?> type) throws URISyntaxException {
    return type.getProtectionDomain().getCodeSource().getLocation().toURI().toString();
  }
}

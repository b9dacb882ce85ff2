package io.ottla.torture.clock;

import io.ottla.torture.run.AgentJar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The attacker's end of the clock: writes the agent that a server is to be started with, and shifts
 * the clock. One owner.
 */
public final class WallClock {
  private final Path agent;
  private final Path shift;

  private WallClock(Path agent, Path shift) {
    this.agent = agent;
    this.shift = shift;
  }

  /** An agent in that directory; the clock is right. */
  public static WallClock create(Path directory) throws IOException {
    Path agent = directory.resolve("clock-agent.jar");
    AgentJar.write(agent, ClockAgent.class, ShiftedClock.class);
    WallClock clock = new WallClock(agent, directory.resolve("clock-shift"));
    clock.shiftBy(Duration.ZERO);
    return clock;
  }

  /** What Java needs to start a server with this clock. */
  public String jvmOption() {
    return "-javaagent:" + agent + "=" + shift;
  }

  /** The server's clock jumps there within a moment of its next look. */
  public void shiftBy(Duration time) throws IOException {
    Path written = shift.resolveSibling("clock-shift.next");
    Files.writeString(written, Long.toString(time.toMillis()));
    Files.move(written, shift, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** How far off a server has said that its clock was, at one time or another. */
  public static Set<Duration> shifts(String printed) {
    return printed
        .lines()
        .filter(line -> line.startsWith(ShiftedClock.SHIFTED))
        .map(line -> Long.parseLong(line.substring(ShiftedClock.SHIFTED.length()).strip()))
        .map(Duration::ofMillis)
        .collect(Collectors.toSet());
  }
}

package io.ottla.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.slf4j.LoggerFactory;

class LoggingTest {
  /** In the trace of what is thrown here. */
  private static final String FRAME = "LoggingTest.said";

  private static String said(String logger, String message) {
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      LoggerFactory.getLogger(logger).error(message, new IOException("No space left on device"));
    } finally {
      System.setErr(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  @ResourceLock(Resources.SYSTEM_ERR)
  void anEntryThatAJournalCouldNotWriteIsOneLine() {
    String said = said("org.apache.ratis.server.raftlog.RaftLog", "entry 7: " + "x".repeat(5_000));

    // Others may say something meanwhile.
    assertThat(said.lines().filter(line -> line.contains("entry 7: xxx")))
        .singleElement()
        .asString()
        .hasSizeLessThan(400);
    assertThat(said).doesNotContain(FRAME);
  }

  @Test
  @ResourceLock(Resources.SYSTEM_ERR)
  void whyABrokerFailedIsToldWithItsTrace() {
    assertThat(said("io.ottla.replication.RaftBroker", "broker failed"))
        .contains("broker failed", "No space left on device", FRAME);
  }
}

package io.ottla.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The formats are final: these bytes stand in checkpoints. */
class LogCheckpointTest {
  private static final String EXTENT = "0000000000000003" + "0000000000000014" + "00000001";
  private static final String SEGMENT =
      ("0000000000000002" + "0000000000000190" + "0000000000000007")
          + ("0000000000000008" + "0000000000000006");
  private static final String EPOCHS = "00000001" + "00000005" + "0000000000000003";
  private static final List<EpochStart> EPOCH_LIST = List.of(new EpochStart(5, 3));

  @Test
  void theFirstVersionStaysReadable() throws IOException {
    LogCheckpoint read = read("01" + EXTENT + SEGMENT + EPOCHS);

    assertThat(read)
        .isEqualTo(
            new LogCheckpoint(3, 20, List.of(new SegmentSummary(2, 0, 400, 7, 8, 6)), EPOCH_LIST));
  }

  @Test
  void theSecondVersionSaysHowOftenASegmentWasCompacted() throws IOException {
    String hex = "02" + EXTENT + SEGMENT + "00000004" + EPOCHS;
    LogCheckpoint checkpoint =
        new LogCheckpoint(3, 20, List.of(new SegmentSummary(2, 4, 400, 7, 8, 6)), EPOCH_LIST);

    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    checkpoint.writeTo(new DataOutputStream(bytes));

    assertThat(HexFormat.of().formatHex(bytes.toByteArray())).isEqualTo(hex);
    assertThat(read(hex)).isEqualTo(checkpoint);
  }

  @Test
  void anotherVersionIsRefused() {
    assertThatThrownBy(() -> read("00" + EXTENT + SEGMENT + EPOCHS))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> read("03" + EXTENT + SEGMENT + "00000004" + EPOCHS))
        .isInstanceOf(IOException.class);
  }

  private static LogCheckpoint read(String hex) throws IOException {
    return LogCheckpoint.readFrom(
        new DataInputStream(new ByteArrayInputStream(HexFormat.of().parseHex(hex))));
  }
}

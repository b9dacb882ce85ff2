package io.ottla.broker.identity;

import io.ottla.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The two copies of {@code broker.json} in a broker's directory. One owner at a time: the cluster's
 * {@link BrokerHomes}, or whoever opens the cluster before there is one.
 */
final class BrokerFiles {
  static final String NAME = "broker.json";

  /** Not named like the other one, as what removes or leaves out the one may spare this. */
  static final String COPY_NAME = "broker.copy";

  private final SealedJson<BrokerFile> json;
  private final Disk disk;

  BrokerFiles(Disk disk) {
    this.disk = disk;
    this.json =
        SealedJson.of(
            disk, BrokerFile.class, BrokerFile.Version1.class, BrokerFile.Version1::upgrade);
  }

  /**
   * What both say, the newest first.
   *
   * @throws IOException when neither is whole and one cannot be looked at, or a newer build wrote
   *     one
   */
  List<BrokerFile> read(Path brokerDirectory) throws IOException {
    List<BrokerFile> whole = new ArrayList<>();
    IOException unreadable = null;
    for (IdentityRead<BrokerFile> read : readEach(brokerDirectory)) {
      read.value().ifPresent(whole::add);
      if (read instanceof IdentityRead.Unreadable<BrokerFile>(Path path, IOException cause)) {
        unreadable = cause;
      }
    }
    if (whole.isEmpty() && unreadable != null) {
      throw unreadable;
    }
    whole.sort((one, other) -> Long.compare(other.generation(), one.generation()));
    return whole;
  }

  /** What is wrong with the copies that are there, one sentence each. */
  List<String> damage(Path brokerDirectory) throws NewerFormatException {
    List<String> damage = new ArrayList<>();
    for (IdentityRead<BrokerFile> read : readEach(brokerDirectory)) {
      read.damage().ifPresent(reason -> damage.add(read.path() + ": " + reason));
    }
    return damage;
  }

  private List<IdentityRead<BrokerFile>> readEach(Path brokerDirectory)
      throws NewerFormatException {
    return List.of(
        json.read(brokerDirectory.resolve(NAME)), json.read(brokerDirectory.resolve(COPY_NAME)));
  }

  /**
   * Makes the directory the broker's; durable when this returns, with the names down to it.
   *
   * @param dataDirectory the one that it lies in
   */
  void write(Path dataDirectory, Path brokerDirectory, BrokerFile file) throws IOException {
    disk.createDirectories(brokerDirectory);
    json.write(brokerDirectory.resolve(COPY_NAME), file);
    json.write(brokerDirectory.resolve(NAME), file);
    for (Path parent = brokerDirectory.getParent();
        parent != null && parent.startsWith(dataDirectory);
        parent = parent.getParent()) {
      disk.forceDirectory(parent);
    }
  }
}

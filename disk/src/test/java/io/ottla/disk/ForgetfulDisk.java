package io.ottla.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A disk in memory that loses power when it is told to. Thread-safe.
 *
 * <p>{@link #powerCut} keeps what was forced. Of what was not, chance decides: each write, cut and
 * change of a name may have reached the platter or not, the last write of a file perhaps in part;
 * bytes between writes that did may be zeros. Names change in order within a directory, as a
 * journalling file system has it, so a rename whose directory was not forced may be undone. What
 * moves between directories is in one of them afterwards, never in both or none.
 *
 * <p>{@link #cutPowerAfter} makes the disk fail in the middle of an operation: that one happens in
 * part, all later ones throw {@link PowerCutException} until {@link #powerCut} brings the disk
 * back.
 */
public final class ForgetfulDisk implements Disk {
  private Directory root = new Directory();
  private static final long NO_MOVE = 0;
  private long moves;
  private long operations;
  private long cutAt = Long.MAX_VALUE;
  private int generation;
  private Runnable afterEach = () -> {};

  /** The disk has no power. */
  public static final class PowerCutException extends IOException {
    private static final long serialVersionUID = 1L;

    PowerCutException() {
      super("power cut");
    }
  }

  /** Writes, cuts, forces and changes of names so far. */
  public synchronized long operations() {
    return operations;
  }

  /** Lets that many more operations succeed. */
  public synchronized void cutPowerAfter(long more) {
    cutAt = operations + more;
  }

  /** Forgets what was not forced; files that are open stay unusable. */
  public synchronized void powerCut(Random random) {
    generation++;
    cutAt = Long.MAX_VALUE;
    settle(root, random);
  }

  /**
   * The same for one directory, with all below it: what lies elsewhere stays as it is, as if only a
   * process had ended there.
   */
  public synchronized void powerCut(Random random, Path directory) throws IOException {
    generation++;
    cutAt = Long.MAX_VALUE;
    settle(directory(directory.toAbsolutePath()), random);
  }

  private static void settle(Directory top, Random random) {
    Set<Directory> all = new LinkedHashSet<>();
    top.collect(all);
    all.forEach(each -> each.survive = random.nextInt(each.pending.size() + 1));
    Set<Long> moved = new HashSet<>();
    boolean more = true;
    while (more) {
      all.forEach(each -> each.addMoves(each.survive, moved));
      more = false;
      for (Directory each : all) {
        more |= each.surviveTo(moved);
      }
    }
    top.settle(random, new HashSet<>());
  }

  /** What moved between two directories is durable in both or in none. */
  private void force(Directory directory) {
    Set<Long> moved = new HashSet<>();
    directory.addMoves(directory.pending.size(), moved);
    directory.force(directory.pending.size());
    if (!moved.isEmpty()) {
      Set<Directory> all = new LinkedHashSet<>();
      root.collect(all);
      for (boolean more = true; more; ) {
        more = false;
        for (Directory each : all) {
          each.survive = 0;
          if (each.surviveTo(moved)) {
            each.addMoves(each.survive, moved);
            each.force(each.survive);
            more = true;
          }
        }
      }
    }
  }

  /**
   * Tells of each operation once its effect is there, or pending. It runs while nothing else
   * changes the disk: it must be short.
   */
  public synchronized void afterEach(Runnable observer) {
    afterEach = observer;
  }

  /** Another disk with the same bytes and names, and with the same of them forced. */
  public synchronized ForgetfulDisk fork() {
    ForgetfulDisk copy = new ForgetfulDisk();
    copy.root = (Directory) root.copy(new IdentityHashMap<>());
    copy.operations = operations;
    copy.moves = moves;
    return copy;
  }

  /** Writes what a directory holds into one of another disk, without forcing it. */
  public void writeTo(Path directory, Disk target, Path targetDirectory) throws IOException {
    target.createDirectories(targetDirectory);
    for (Path child : list(directory)) {
      Path place = targetDirectory.resolve(child.getFileName().toString());
      if (isDirectory(child)) {
        writeTo(child, target, place);
      } else {
        try (DiskFile file = target.open(place, OpenMode.CREATE)) {
          file.write(ByteBuffer.wrap(readAll(child)), 0);
        }
      }
    }
  }

  private synchronized boolean isDirectory(Path path) {
    return directoryOrNull(path.toAbsolutePath()) != null;
  }

  @Override
  public synchronized DiskFile open(Path path, OpenMode mode) throws IOException {
    requirePower();
    Directory parent = directory(path.toAbsolutePath().getParent());
    String name = path.getFileName().toString();
    Node node = parent.live.get(name);
    if (mode == OpenMode.CREATE) {
      if (node != null) {
        throw new FileAlreadyExistsException(path.toString());
      }
      node = new FileNode();
      parent.change(new NameChange(null, name, node, NO_MOVE));
      step();
    }
    if (!(node instanceof FileNode file)) {
      throw new NoSuchFileException(path.toString());
    }
    return new OpenFile(file, mode != OpenMode.READ, generation);
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    requirePower();
    Directory source = directory(from.toAbsolutePath().getParent());
    Directory target = directory(to.toAbsolutePath().getParent());
    String fromName = from.getFileName().toString();
    String toName = to.getFileName().toString();
    Node node = source.live.get(fromName);
    if (node == null) {
      throw new NoSuchFileException(from.toString());
    }
    if (target.live.get(toName) instanceof Directory) {
      throw new FileAlreadyExistsException(to.toString());
    }
    if (source == target) {
      source.change(new NameChange(fromName, toName, node, NO_MOVE));
    } else {
      target.change(new NameChange(null, toName, node, ++moves));
      source.change(new NameChange(fromName, null, null, moves));
    }
    step();
  }

  @Override
  public synchronized void delete(Path path) throws IOException {
    requirePower();
    Directory parent = directoryOrNull(path.toAbsolutePath().getParent());
    String name = path.getFileName().toString();
    if (parent == null || !parent.live.containsKey(name)) {
      return;
    }
    if (parent.live.get(name) instanceof Directory directory && !directory.live.isEmpty()) {
      throw new DirectoryNotEmptyException(path.toString());
    }
    parent.change(new NameChange(name, null, null, NO_MOVE));
    step();
  }

  @Override
  public synchronized void deleteTree(Path path) throws IOException {
    for (Path child : list(path)) {
      deleteTree(child);
    }
    delete(path);
  }

  @Override
  public synchronized void createDirectories(Path directory) throws IOException {
    requirePower();
    Directory at = root;
    for (Path name : directory.toAbsolutePath()) {
      Node next = at.live.get(name.toString());
      if (next == null) {
        next = new Directory();
        at.change(new NameChange(null, name.toString(), next, NO_MOVE));
        step();
      }
      if (!(next instanceof Directory inner)) {
        throw new FileAlreadyExistsException(directory.toString());
      }
      at = inner;
    }
  }

  @Override
  public synchronized void forceDirectory(Path directory) throws IOException {
    requirePower();
    Directory forced = directory(directory.toAbsolutePath());
    beforeStep();
    force(forced);
    afterEach.run();
  }

  @Override
  public synchronized List<Path> list(Path directory) throws IOException {
    requirePower();
    Directory found = directoryOrNull(directory.toAbsolutePath());
    return found == null
        ? List.of()
        : found.live.keySet().stream().map(directory::resolve).toList();
  }

  @Override
  public synchronized boolean exists(Path path) throws IOException {
    requirePower();
    Directory parent = directoryOrNull(path.toAbsolutePath().getParent());
    return parent != null && parent.live.containsKey(path.getFileName().toString());
  }

  @Override
  public synchronized long sizeBytes(Path path) throws IOException {
    try (DiskFile file = open(path, OpenMode.READ)) {
      return file.sizeBytes();
    }
  }

  @Override
  public synchronized byte[] readAll(Path path) throws IOException {
    try (DiskFile file = open(path, OpenMode.READ)) {
      byte[] bytes = new byte[(int) file.sizeBytes()];
      file.read(ByteBuffer.wrap(bytes), 0);
      return bytes;
    }
  }

  @Override
  public void writeDurably(Path path, byte[] bytes) throws IOException {
    Path beside = path.resolveSibling(path.getFileName() + ".tmp");
    delete(beside);
    try (DiskFile file = open(beside, OpenMode.CREATE)) {
      file.write(ByteBuffer.wrap(bytes), 0);
      file.force();
    }
    rename(beside, path);
    forceDirectory(path.toAbsolutePath().getParent());
  }

  private Directory directory(Path path) throws IOException {
    Directory found = directoryOrNull(path);
    if (found == null) {
      throw new NoSuchFileException(path.toString());
    }
    return found;
  }

  private Directory directoryOrNull(Path path) {
    Directory at = root;
    for (Path name : path) {
      if (!(at.live.get(name.toString()) instanceof Directory next)) {
        return null;
      }
      at = next;
    }
    return at;
  }

  private void requirePower() throws PowerCutException {
    if (operations > cutAt) {
      throw new PowerCutException();
    }
  }

  /** Counts an operation whose effect is pending; the one at the cut fails after it. */
  private void step() throws PowerCutException {
    beforeStep();
    afterEach.run();
  }

  /** Counts an operation; the one at the cut fails without a force's effect. */
  private void beforeStep() throws PowerCutException {
    operations++;
    requirePower();
  }

  private sealed interface Node permits Directory, FileNode {
    /** Becomes what the platter holds. */
    void settle(Random random, Set<Node> done);

    /** The same node for another disk; {@code copies} has those that are made already. */
    Node copy(Map<Node, Node> copies);
  }

  /** One change within a directory: a name goes, a name comes, or both at once. */
  private record NameChange(String gone, String come, Node node, long move) {
    void applyTo(Map<String, Node> names) {
      if (gone != null) {
        names.remove(gone);
      }
      if (come != null) {
        names.put(come, node);
      }
    }
  }

  private static final class Directory implements Node {
    final Map<String, Node> live = new TreeMap<>();
    private final Map<String, Node> durable = new TreeMap<>();
    private final List<NameChange> pending = new ArrayList<>();

    /** So many of the pending changes survive the cut. */
    private int survive;

    void change(NameChange change) {
      change.applyTo(live);
      pending.add(change);
    }

    /** Makes the first so many durable. */
    void force(int count) {
      pending.subList(0, count).forEach(change -> change.applyTo(durable));
      pending.subList(0, count).clear();
    }

    /** This one and all below it, by the names that are there and by those that are durable. */
    void collect(Set<Directory> all) {
      if (all.add(this)) {
        for (Map<String, Node> names : List.of(live, durable)) {
          for (Node node : names.values()) {
            if (node instanceof Directory directory) {
              directory.collect(all);
            }
          }
        }
      }
    }

    /** Adds the moves among the first so many changes. */
    void addMoves(int count, Set<Long> moved) {
      pending.subList(0, count).stream()
          .map(NameChange::move)
          .filter(move -> move != NO_MOVE)
          .forEach(moved::add);
    }

    /** Lets no less survive than up to these moves; whether that was more. */
    boolean surviveTo(Set<Long> moved) {
      int before = survive;
      for (int i = survive; i < pending.size(); i++) {
        if (moved.contains(pending.get(i).move)) {
          survive = i + 1;
        }
      }
      return survive > before;
    }

    @Override
    public Node copy(Map<Node, Node> copies) {
      if (copies.get(this) instanceof Directory made) {
        return made;
      }
      Directory copy = new Directory();
      copies.put(this, copy);
      live.forEach((name, node) -> copy.live.put(name, node.copy(copies)));
      durable.forEach((name, node) -> copy.durable.put(name, node.copy(copies)));
      for (NameChange change : pending) {
        Node node = change.node == null ? null : change.node.copy(copies);
        copy.pending.add(new NameChange(change.gone, change.come, node, change.move));
      }
      return copy;
    }

    @Override
    public void settle(Random random, Set<Node> done) {
      if (!done.add(this)) {
        return;
      }
      force(survive);
      pending.clear();
      live.clear();
      live.putAll(durable);
      for (Node node : live.values()) {
        node.settle(random, done);
      }
    }
  }

  /** A write at a position, or a cut to it if {@code bytes} is null. */
  @SuppressWarnings("ArrayRecordComponent")
  private record FileChange(long positionBytes, byte[] bytes) {}

  private static final class FileNode implements Node {
    private byte[] live = new byte[0];
    private byte[] durable = new byte[0];
    private final List<FileChange> pending = new ArrayList<>();

    void change(FileChange change) {
      live = applied(live, change);
      pending.add(change);
    }

    void force() {
      durable = live;
      pending.clear();
    }

    /** Arrays and changes are never written to: both have them. */
    @Override
    public Node copy(Map<Node, Node> copies) {
      if (copies.get(this) instanceof FileNode made) {
        return made;
      }
      FileNode copy = new FileNode();
      copies.put(this, copy);
      copy.live = live;
      copy.durable = durable;
      copy.pending.addAll(pending);
      return copy;
    }

    @Override
    public void settle(Random random, Set<Node> done) {
      if (!done.add(this)) {
        return;
      }
      boolean inOrder = random.nextBoolean();
      int survive = random.nextInt(pending.size() + 1);
      for (int i = 0; i < pending.size(); i++) {
        if (inOrder ? i >= survive : random.nextBoolean()) {
          continue;
        }
        FileChange change = pending.get(i);
        boolean last = inOrder ? i == survive - 1 : i == pending.size() - 1;
        if (last && change.bytes != null) {
          int kept = random.nextInt(change.bytes.length + 1);
          change = new FileChange(change.positionBytes, Arrays.copyOf(change.bytes, kept));
        }
        durable = applied(durable, change);
      }
      pending.clear();
      live = durable;
    }

    /** A new array: the old one may be the other state's. */
    private static byte[] applied(byte[] before, FileChange change) {
      if (change.bytes == null) {
        return Arrays.copyOf(before, (int) Math.min(before.length, change.positionBytes));
      }
      int end = (int) change.positionBytes + change.bytes.length;
      byte[] after = Arrays.copyOf(before, Math.max(before.length, end));
      System.arraycopy(change.bytes, 0, after, (int) change.positionBytes, change.bytes.length);
      return after;
    }
  }

  private final class OpenFile implements DiskFile {
    private final FileNode file;
    private final boolean writable;
    private final int openedIn;
    private boolean closed;

    OpenFile(FileNode file, boolean writable, int openedIn) {
      this.file = file;
      this.writable = writable;
      this.openedIn = openedIn;
    }

    @Override
    public int read(ByteBuffer target, long positionBytes) throws IOException {
      synchronized (ForgetfulDisk.this) {
        requireUsable(false);
        int count = (int) Math.min(target.remaining(), file.live.length - positionBytes);
        if (count <= 0) {
          return 0;
        }
        target.put(file.live, (int) positionBytes, count);
        return count;
      }
    }

    @Override
    public void write(ByteBuffer source, long positionBytes) throws IOException {
      byte[] bytes = new byte[source.remaining()];
      source.get(bytes);
      synchronized (ForgetfulDisk.this) {
        requireUsable(true);
        file.change(new FileChange(positionBytes, bytes));
        step();
      }
    }

    @Override
    public long sizeBytes() throws IOException {
      synchronized (ForgetfulDisk.this) {
        requireUsable(false);
        return file.live.length;
      }
    }

    @Override
    public void truncate(long sizeBytes) throws IOException {
      synchronized (ForgetfulDisk.this) {
        requireUsable(true);
        if (sizeBytes > file.live.length) {
          throw new IllegalArgumentException("a cut cannot lengthen: " + sizeBytes);
        }
        file.change(new FileChange(sizeBytes, null));
        step();
      }
    }

    @Override
    public void force() throws IOException {
      synchronized (ForgetfulDisk.this) {
        requireUsable(false);
        beforeStep();
        file.force();
        afterEach.run();
      }
    }

    @Override
    public void close() {
      closed = true;
    }

    private void requireUsable(boolean toWrite) throws IOException {
      requirePower();
      if (closed || openedIn != generation || (toWrite && !writable)) {
        throw new ClosedChannelException();
      }
    }
  }
}

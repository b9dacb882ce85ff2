import com.google.googlejavaformat.java.Formatter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Rewrites every Java source below a directory in the project's format; see the {@code format} profile. */
public final class FormatSources {
  private FormatSources() {}

  public static void main(String[] args) throws Exception {
    Formatter formatter = new Formatter();
    try (var paths = Files.walk(Path.of(args[0]))) {
      for (Path path : paths.filter(FormatSources::isSource).toList()) {
        format(formatter, path);
      }
    }
  }

  private static boolean isSource(Path path) {
    String name = path.toString().replace('\\', '/');
    return name.endsWith(".java") && name.contains("/src/");
  }

  private static void format(Formatter formatter, Path path) throws IOException {
    String before = Files.readString(path);
    String after;
    try {
      after = formatter.formatSourceAndFixImports(before);
    } catch (com.google.googlejavaformat.java.FormatterException e) {
      throw new IOException(path + ": " + e.getMessage(), e);
    }
    if (!after.equals(before)) {
      Files.writeString(path, after);
      System.out.println("formatted " + path);
    }
  }
}

package io.ottla.conventions;

import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * Error Prone finds nothing in any source of any module.
 *
 * <p>Once for all of them: a compiler for each module's main and test sources loads Error Prone
 * thirty times, which took a fifth of the whole build.
 */
class BugPatternsTest {
  private static final List<String> OPTIONS =
      List.of(
          "-classpath",
          System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
          "-proc:none",
          "-parameters",
          "-Xlint:none",
          "-Xplugin:ErrorProne",
          "-XDcompilePolicy=simple",
          "--should-stop=ifError=FLOW",
          // Nothing is written: the modules' own builds do that.
          "--should-stop=ifNoError=FLOW");

  /** What is made for the users' JDKs; everything else is for the newest. */
  private static final Path CLIENT = Path.of("client", "src", "main");

  private static final String CLIENT_RELEASE = "17";
  private static final String RELEASE = "25";

  /** Sources that are compiled together. */
  private record Unit(String release, boolean tests) {
    static Unit of(Path source) {
      return new Unit(
          source.startsWith(CLIENT) ? CLIENT_RELEASE : RELEASE,
          SourceTree.slashed(source).contains("/src/test/"));
    }
  }

  @Test
  void noSourceHasABugPattern() throws IOException {
    SourceTree tree = SourceTree.read();
    var units =
        tree.sources().stream()
            .filter(source -> !source.endsWith("package-info.java")) // modules share packages
            .collect(groupingBy(Unit::of));
    assertThat(units).hasSize(3);

    List<String> found =
        units.entrySet().parallelStream()
            .flatMap(each -> find(tree, each.getKey(), each.getValue()))
            .toList();

    assertThat(found).isEmpty();
  }

  private static Stream<String> find(SourceTree tree, Unit unit, List<Path> sources) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    var found = new DiagnosticCollector<JavaFileObject>();
    var options = Stream.concat(OPTIONS.stream(), Stream.of("--release", unit.release())).toList();
    try (var files = compiler.getStandardFileManager(found, Locale.ROOT, null)) {
      var paths = sources.stream().map(tree.root()::resolve).toList();
      var objects = files.getJavaFileObjectsFromPaths(paths);
      boolean compiled = compiler.getTask(null, files, found, options, null, objects).call();
      return Stream.concat(
          found.getDiagnostics().stream().filter(BugPatternsTest::counts).map(Object::toString),
          compiled ? Stream.empty() : Stream.of(unit + " cannot be compiled"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean counts(Diagnostic<? extends JavaFileObject> diagnostic) {
    return switch (diagnostic.getKind()) {
      case ERROR, WARNING, MANDATORY_WARNING -> true;
      case NOTE, OTHER -> false;
    };
  }
}

package io.ottla.conventions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * A path in a document is a link, or a word in backticks that begins with a directory of the root
 * or ends like a source file. Fenced blocks are not read: they show what a user types and sees.
 */
class DocumentedPathsTest {
  private static final Pattern FENCE = Pattern.compile("(?ms)^\\s*```.*?^\\s*```");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)[^)]*\\)");
  private static final Pattern WORD = Pattern.compile("`([^`\\s]+)`");
  private static final Pattern PATH = Pattern.compile("(\\./)?[\\w.-]+(/[\\w.-]+)*/?");
  private static final Pattern SOURCE_FILE = Pattern.compile("[\\w./-]+\\.(java|xml|md|ndjson)");

  @Test
  void theDocumentsThatEveryReaderStartsWithExist() throws IOException {
    SourceTree tree = SourceTree.read();

    assertThat(List.of("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"))
        .allMatch(tree::exists);
  }

  @Test
  void everyPathThatADocumentNamesExists() throws IOException {
    SourceTree tree = SourceTree.read();
    Set<String> fileNames =
        tree.files().stream()
            .map(file -> file.getFileName().toString())
            .collect(Collectors.toSet());

    List<String> missing = new ArrayList<>();
    for (Path document : tree.files()) {
      if (document.toString().endsWith(".md")) {
        missing.addAll(missingIn(tree, document, fileNames));
      }
    }

    assertThat(missing).as("paths that documents name and that do not exist").isEmpty();
  }

  private static List<String> missingIn(SourceTree tree, Path document, Set<String> fileNames) {
    String text = FENCE.matcher(tree.text(document).orElseThrow()).replaceAll("");
    List<String> missing = new ArrayList<>();
    LINK.matcher(text)
        .results()
        .map(found -> found.group(1))
        .filter(target -> !target.contains("://") && !target.startsWith("mailto:"))
        .filter(target -> !Files.exists(tree.root().resolve(document).resolveSibling(target)))
        .forEach(target -> missing.add(document + ": link to " + target));
    WORD.matcher(text)
        .results()
        .map(found -> found.group(1))
        .filter(word -> isPath(tree, word) && !isThere(tree, word, fileNames))
        .forEach(word -> missing.add(document + ": " + word));
    return missing;
  }

  private static boolean isPath(SourceTree tree, String word) {
    if (!PATH.matcher(word).matches()) {
      return false;
    }
    String path = word.startsWith("./") ? word.substring(2) : word;
    boolean beginsInTheRoot =
        path.contains("/") && tree.exists(path.substring(0, path.indexOf('/')));
    return beginsInTheRoot || word.startsWith("./") || SOURCE_FILE.matcher(word).matches();
  }

  private static boolean isThere(SourceTree tree, String word, Set<String> fileNames) {
    return tree.exists(word)
        || SourceTree.isLeftByARun(Path.of(word))
        || (!word.contains("/") && fileNames.contains(word));
  }
}

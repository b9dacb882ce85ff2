package io.ottla.catalog;

import java.sql.SQLException;

/** The file cannot be a catalog of this program: it is set aside and made anew. */
final class DamagedCatalogException extends SQLException {
  private static final long serialVersionUID = 1L;

  DamagedCatalogException(String fact) {
    super(fact);
  }
}

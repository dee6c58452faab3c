# Reads every stored table of an edition as R reads a CSV, and says what it found: for tests/test_stored_tables.py.
folder <- commandArgs(trailingOnly = TRUE)[1]
for (file in sort(list.files(folder, pattern = "[.]csv$", full.names = TRUE))) {
  table <- read.csv(file, fileEncoding = "UTF-8-BOM", na.strings = "", check.names = FALSE)
  numbers <- names(table)[vapply(table, is.numeric, logical(1))]
  cat(basename(file), nrow(table), ncol(table), paste(numbers, collapse = ";"), sep = "\t")
  cat("\n")
}
targets <- read.csv(file.path(folder, "assessments.csv"), fileEncoding = "UTF-8-BOM", na.strings = "")
cat("P", sprintf("%.3f", targets$probability[targets$series == "W03"]), targets$name[targets$series == "W03"], sep = "\t")

"""For whom and as what an edition is shown."""

AUDIENCES = ("internal", "leading-group", "public")
EDITIONS = ("annual", "midterm", "final")

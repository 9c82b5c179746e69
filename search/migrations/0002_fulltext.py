"""The token streams of the database engine: a full-text table on SQLite, a table with GIN indexes on PostgreSQL.

Tokens come ready from `search.analysis`; the database only stores and matches them.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

CREATE = {
    "sqlite": [
        """CREATE VIRTUAL TABLE search_fts USING fts5(
            title, body, marks, words, codes, audience,
            tokenize="unicode61 remove_diacritics 0 tokenchars '-_.'"
        )"""
    ],
    "postgresql": [
        """CREATE TABLE search_streams (
            rowid bigint PRIMARY KEY REFERENCES search_indexeddocument (id) ON DELETE CASCADE,
            grams tsvector NOT NULL,
            title tsvector NOT NULL,
            words tsvector NOT NULL,
            marks text[] NOT NULL,
            codes text[] NOT NULL,
            audience text[] NOT NULL,
            stream text NOT NULL
        )""",
        "CREATE INDEX search_streams_tokens ON search_streams USING gin (grams, words, marks, codes, audience)",
    ],
}
DROP = {"sqlite": "DROP TABLE search_fts", "postgresql": "DROP TABLE search_streams"}


def create(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute(DROP[schema_editor.connection.vendor])


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]

"""The full-text table of the embedded index, and the view of its terms. Tokens come ready from search.analysis."""

from django.db import migrations

CREATE = """
CREATE VIRTUAL TABLE search_fts USING fts5(
    title, body, words, codes, audience,
    prefix='1', tokenize="unicode61 remove_diacritics 0 tokenchars '-_.'"
)
"""


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]
    operations = [
        migrations.RunSQL(CREATE, "DROP TABLE search_fts"),
        migrations.RunSQL(
            "CREATE VIRTUAL TABLE search_fts_terms USING fts5vocab('search_fts', 'row')",
            "DROP TABLE search_fts_terms",
        ),
    ]

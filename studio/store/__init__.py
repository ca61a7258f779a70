"""What is kept: tables, migrations, the event log and secrets at rest."""

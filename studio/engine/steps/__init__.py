"""How the steps that `decide` asks for are performed: models, tools, code, conversations within conversations."""

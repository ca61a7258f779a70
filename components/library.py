"""The npm packages that the components are made of, in the versions that were tried."""

FLOW = "@xyflow/react@12.12.1"
MARKDOWN = ["markdown-it@15.0.3", "dompurify@3.4.18", "highlight.js@11.12.0"]
CODE = [
    "@codemirror/state@6.7.6",
    "@codemirror/view@6.43.15",
    "@codemirror/commands@6.11.1",
    "@codemirror/language@6.13.1",
    "@codemirror/lang-python@6.2.1",
    "@codemirror/lang-json@6.0.2",
    "@lezer/highlight@1.2.5",
]

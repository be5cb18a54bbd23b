"""The settings as documentation shows them."""

from __future__ import annotations

from facefolk_server.settings.deployment import PREFIX, Settings


def settings_table() -> str:
    """Return the settings as a Markdown table."""
    lines = ["| variable | default | what |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        extra = field.json_schema_extra
        shown = extra.get("shown") if isinstance(extra, dict) else None
        default = shown or _shown_default(field.default)
        variable = f"`{PREFIX}{name.upper()}`"
        lines.append(
            f"| {variable} | {f'`{default}`' if default else ''} | {field.description} |"
        )
    return "\n".join(lines)


def _shown_default(default: object) -> str:
    if default is None or default == ():
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, float):
        return f"{default:g}"
    return str(default)

"""Steps of undo: what is typed quickly into one field is one step, and only so many are kept."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func
from sqlmodel import Session, col, delete, select

from studio.flow.edits import Configure, Describe, Edit, Rename
from studio.store.tables import FlowEditRow, FlowRow

MAX_EDITS = 1_000
"""Steps of undo that are kept of a flow."""

MAX_EDIT_CHARACTERS = 40_000_000
"""What all steps of undo of a flow may take together; the oldest go first."""

ONE_STEP = timedelta(seconds=2)
"""Changes of one field that follow each other this fast are one step of undo: somebody is typing."""


def remember(session: Session, row: FlowRow, edit: Edit, inverse: Edit) -> None:
    """Make the edit a step of undo, or a part of the last one."""
    target = _target(edit)
    last = session.exec(select(FlowEditRow).where(FlowEditRow.flow_id == row.id).order_by(col(FlowEditRow.number).desc()).limit(1)).first()
    if last is not None and target and last.target == target and row.updated - last.at < ONE_STEP:
        last.edit, last.at = edit.model_dump_json(), row.updated
        session.add(last)
        return
    number = (last.number if last is not None else 0) + 1
    session.add(
        FlowEditRow(
            flow_id=row.id, number=number, edit=edit.model_dump_json(), inverse=inverse.model_dump_json(), target=target, at=row.updated
        )
    )
    _forget(session, row.id, number)


def _forget(session: Session, flow_id: str, newest: int) -> None:
    steps = delete(FlowEditRow).where(col(FlowEditRow.flow_id) == flow_id)
    session.exec(steps.where(col(FlowEditRow.number) <= newest - MAX_EDITS))
    if newest % 20:
        return
    sizes = select(FlowEditRow.number, func.length(FlowEditRow.edit) + func.length(FlowEditRow.inverse))
    taken = 0
    for number, size in session.exec(sizes.where(FlowEditRow.flow_id == flow_id).order_by(col(FlowEditRow.number).desc())).all():
        taken += size
        if taken > MAX_EDIT_CHARACTERS and number < newest:
            session.exec(steps.where(col(FlowEditRow.number) <= number))
            return


def _target(edit: Edit) -> str:
    """What typing changes again and again; empty for edits that are a step each."""
    match edit:
        case Configure(id=node, values=values):
            return f"configure {node} {sorted(values)}"
        case Rename(id=node):
            return f"rename {node}"
        case Describe():
            return f"describe {sorted(edit.model_fields_set - {'type'})}"
        case _:
            return ""

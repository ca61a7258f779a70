"""Kept states of a flow: numbered, each content once."""

from __future__ import annotations

import json
from hashlib import sha256

from sqlalchemy import func
from sqlmodel import Session, col, select

from studio.store.tables import FlowVersionRow


def digest_of(document: str) -> str:
    """The hash of a document's content, whatever the order of its keys."""
    canonical = json.dumps(json.loads(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def keep_version(session: Session, flow_id: str, document: str) -> FlowVersionRow:
    """The version of a flow that has this content: one that is kept already, or a new one."""
    digest = digest_of(document)
    same = select(FlowVersionRow).where(FlowVersionRow.flow_id == flow_id, FlowVersionRow.digest == digest)
    kept = session.exec(same.order_by(col(FlowVersionRow.number).desc())).first()
    if kept is not None:
        return kept
    highest = session.exec(select(func.max(FlowVersionRow.number)).where(FlowVersionRow.flow_id == flow_id)).one()
    row = FlowVersionRow(flow_id=flow_id, number=(highest or 0) + 1, digest=digest, document=document)
    session.add(row)
    session.flush()
    return row

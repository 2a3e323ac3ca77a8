"""Every router of the API, in the order in which its OpenAPI document lists them."""

from __future__ import annotations

from fastapi import APIRouter

from calor.app.v1 import claims, evidence, explore, model, next, protocols, runs

ROUTERS: tuple[APIRouter, ...] = (
    explore.router,
    evidence.router,
    next.router,
    model.router,
    claims.router,
    protocols.router,
    runs.router,
)

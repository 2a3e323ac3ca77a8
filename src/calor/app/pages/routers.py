"""Every page's router, in the order in which addresses are tried."""

from __future__ import annotations

from fastapi import APIRouter

from calor.app.pages import claims, design, evidence, explore, home, model, next, runs, sign_in

ROUTERS: tuple[APIRouter, ...] = (
    home.router,
    sign_in.router,
    explore.router,
    evidence.router,
    design.router,
    runs.router,
    next.router,
    model.router,
    claims.router,
)

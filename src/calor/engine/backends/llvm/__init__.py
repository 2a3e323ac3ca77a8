"""The default backend: LLVM vector code through llvmlite, one patient a lane.

`builder` writes LLVM's text; `mathematics` the vector functions; `expressions` a program's operations;
`model` the model's own functions; `elimination` plans the sparse LU, `linear` and `linear_looped` write it,
`pivoting` is its fall-back; `step` one Rosenbrock step; `observe` outputs between steps; `summaries` numbers
over windows; `patients` and `driver` the loop over steps, calendars and patients; `watch` what jumps in a
step, and `events` what SBML's events then do; `layout` where things lie in memory; `source` puts the text
together; `kept_code` has it compiled, or takes what was; `kernel`, `led` and `job` run it over a batch.
`threads` is what the `cuda` backend runs instead, the same text with one lane. Nothing else knows LLVM.
"""
